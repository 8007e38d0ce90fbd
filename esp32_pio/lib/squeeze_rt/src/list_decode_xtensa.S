/*
 * sqz_decode_lists (list_decode.h) for Xtensa. The C in list_decode.c says what it does, and what form symbols have.
 *
 * In assembler so that the stream's state stays in registers: 19 instructions for a non-zero weight with the zeros
 * before it, 27 where inputs were measured, 8 for each 32 bits of code, 15 or more where the code word is longer than
 * the lookup's, and as many for a symbol of zeros alone as for one with a weight: its tap goes into list 0.
 */
#if defined(__XTENSA__)

#include "stream_xtensa.inc"

/* tap_lists */
#define LIST        8 /* bytes of one: next, weight */
#define LIST_WEIGHT 4
#define SHIFT_GRID  12 /* weight of list 1 */
#define MARKS       128
#define MARKS_BYTES 64 /* of one chunk */

#define FRAME 64 /* saved registers first, then: */
#define AT_STREAM     20
#define AT_MARKS      24 /* of the chunk before */
#define AT_LAST_MARKS 28 /* where AT_MARKS must not get to */
#define AT_WEIGHT     32 /* of the chunk's taps: times their largest inputs << 16 | the same of negative ones */
#define AT_TAP_WEIGHT 36 /* of the tap that has no room in it */
#define AT_TAP_LIST   40
#define AT_MORE       44 /* whether there is one */
#define AT_TAP_SYMBOL 48

/* The end of list \number in a chunk; a2: marks of the chunk before. A list of negative taps adds its bytes to a6, and
 * a6 to a4: those of 7 will count seven times. */
    .macro end_list number
    l32i    a3, a0, LIST * \number
    .if     \number & 1
    l32i.n  a5, a2, 4 * \number
    .endif
    s32i    a3, a2, MARKS_BYTES + 4 * \number
    .if     \number & 1
    sub     a5, a3, a5
    add.n   a6, a6, a5
    add.n   a4, a4, a6
    .endif
    .endm

/* List \number begins anew at \begin; refused where it had no room before the next one. */
    .macro restart number, begin, next, refused
    l32i    \next, a0, MARKS + 4 * ((\number + 1) & 15)
    l32i    a3, a2, MARKS_BYTES + 4 * \number
    s32i    \begin, a0, LIST * \number
    bltu    \next, a3, \refused
    .endm

/*
 * a2..a6: scratch    a0: lists    a8..a11, a14, a15: the window    a9: above its six bits there are all symbols of the
 * chunk, added up    a7: what a9 must not get to, or 0: chunks end by AT_WEIGHT    a12: input of the last weight, a13:
 * that of the filter's last one
 */
    .section .text.sqz_decode_lists, "ax", @progbits
    .begin  no-transform
    .align  4
    .global sqz_decode_lists
    .type   sqz_decode_lists, @function
sqz_decode_lists: /* a2: stream */
    kernel_entry FRAME
    s32i.n  a2, sp, AT_STREAM
    load_window
    l32i.n  a4, a2, DECODER_ZEROS
    l32i.n  a3, a2, DECODER_VALUE
    l32i    a12, a5, FAR_OFFSET(STREAM_INPUTS)
    l32i    a13, a5, FAR_OFFSET(STREAM_WEIGHTS)
    l32i    a0, a5, FAR_OFFSET(STREAM_LISTS)
    l32i    a6, a5, FAR_OFFSET(STREAM_LAST_MARKS)
    l32i    a7, a5, FAR_OFFSET(STREAM_CHUNK_LIMIT)
    addi    a12, a12, -4
    addx4   a13, a13, a12
    addx4   a12, a4, a12
    addi    a6, a6, -MARKS_BYTES
    s32i.n  a6, sp, AT_LAST_MARKS
    movi.n  a5, 0
    s32i.n  a5, sp, AT_WEIGHT
    s32i.n  a5, sp, AT_MORE
    s32i    a5, a0, MARKS + 4
    addi    a2, a0, MARKS - 32
    addi    a2, a2, 32
    s32i.n  a2, sp, AT_MARKS
    beqz    a4, .Lnext
    bltu    a13, a12, .Lto_still
    extui   a4, a3, 11, 5
    slli    a4, a4, 11
    add.n   a9, a9, a4
    j       .Ltap
.Lto_still: /* branches do not reach far */
    j       .Lstill
.Lto_end:
    j       .Lend
.Lto_long:
    j       .Llong

.Lrefill:
    bgeu    a14, a15, .Lno_more
    take_word
.Lnext:
    ssl     a9
    src     a6, a8, a10
    extui   a4, a6, 32 - LOOKUP_BITS, LOOKUP_BITS
    addx2   a4, a4, a11
    l16ui   a3, a4, LEVELS_TO_LOOKUP
    bbsi    a3, 5, .Lto_long
.Lsymbol:
    add.n   a9, a9, a3
    extui   a5, a3, 6, 5
    addx4   a12, a5, a12
    bltu    a13, a12, .Lto_end
.Ltap: /* of symbol a3 */
    l32i.n  a5, a12, 0
    extui   a4, a3, 11, 4
    addx8   a4, a4, a0
    l32i.n  a2, a4, 0
    s16i    a5, a2, 0
    addi.n  a2, a2, 2
    s32i.n  a2, a4, 0
    bgeu    a9, a7, .Lweigh
.Ltaken:
    bbci    a9, 5, .Lnext
    j       .Lrefill

.Lweigh:
    bnez    a7, .Lsplit
    l32i.n  a6, a4, LIST_WEIGHT
    extui   a5, a5, 16, 16
    mull    a5, a5, a6
    l32i.n  a6, sp, AT_WEIGHT
    add.n   a6, a6, a5
    bltu    a6, a5, .Lsplit
    s32i.n  a6, sp, AT_WEIGHT
    j       .Ltaken

.Lno_more:
    take_last a15, .Lnext

.Llong: /* of at least a3 >> 6 bits */
    extui   a4, a3, 6, 4
    extui   a2, a6, 16, 16
    long_word l16ui, a3, a2, a4, a5
    j       .Lsymbol

.Lsplit: /* before the tap: a2: where its list goes on, a4: its list, a5: what it weighs */
    addi    a2, a2, -2
    s32i.n  a3, sp, AT_TAP_SYMBOL
    s32i.n  a4, sp, AT_TAP_LIST
    s32i.n  a5, sp, AT_TAP_WEIGHT
    s32i.n  a4, sp, AT_MORE
    s32i.n  a2, a4, 0
    j       .Lclose

.Lend: /* symbol a3 is of the next filter, at least in part */
    extui   a5, a3, 6, 5
    slli    a5, a5, 2
    sub     a4, a12, a5
    bne     a4, a13, .Lstill
    sub     a9, a9, a3 /* as a whole: it was not read */
    mov.n   a12, a13
.Lstill:
    l32i.n  a4, sp, AT_STREAM
    sub     a12, a12, a13
    srli    a12, a12, 2
    extui   a9, a9, 0, 6
    s32i.n  a12, a4, DECODER_ZEROS
    s32i.n  a3, a4, DECODER_VALUE
    save_window
.Lclose:
    l32i.n  a2, sp, AT_MARKS
    movi.n  a4, 0
    movi.n  a6, 0
    .irp    number, 15, 14, 13, 12, 11, 10, 9, 8, 7
    end_list \number
    .endr
    l32i.n  a3, a0, SHIFT_GRID
    beqz    a3, .Lthrees
    addx4   a4, a5, a4 /* it is the list of -8, which is 5 more */
    add.n   a4, a4, a5
.Lthrees:
    .irp    number, 6, 5, 4, 3, 2
    end_list \number
    .endr
    l32i.n  a5, sp, AT_STREAM
    addmi   a5, a5, STREAM_FAR
    l32i    a5, a5, FAR_OFFSET(STREAM_INPUTS)
    l32i.n  a5, a5, 0
    extui   a5, a5, 16, 16 /* the largest input */
    mull    a4, a4, a5
    srli    a4, a4, 1 /* two bytes a tap */
    bnez    a7, .Lcounted
    l32i.n  a4, sp, AT_WEIGHT
    extui   a4, a4, 0, 16
.Lcounted:
    l32i    a5, a0, MARKS + 4
    l32i.n  a3, sp, AT_MORE
    s32i    a4, a2, MARKS_BYTES + 4
    add.n   a5, a5, a4
    s32i    a5, a0, MARKS + 4
    s32i    a3, a2, MARKS_BYTES
    bnez    a3, .Lmore
    l32i    a4, a0, MARKS + 8
    l32i.n  a3, a0, LIST
    l32i    a5, a0, MARKS
    s32i.n  a5, a0, 0
    bltu    a4, a3, .Lrefused
    restart 2, a4, a5, .Lrefused
    restart 3, a5, a4, .Lrefused
    restart 4, a4, a5, .Lrefused
    restart 5, a5, a4, .Lrefused
    restart 6, a4, a5, .Lrefused
    restart 7, a5, a4, .Lrefused
    restart 8, a4, a5, .Lrefused
    j       .Lrestart
.Lrefused:
    movi    a2, SQZ_ERR_CODE
    j       .Lreturn
.Lrestart:
    restart 9, a5, a4, .Lrefused
    restart 10, a4, a5, .Lrefused
    restart 11, a5, a4, .Lrefused
    restart 12, a4, a5, .Lrefused
    restart 13, a5, a4, .Lrefused
    restart 14, a4, a5, .Lrefused
    restart 15, a5, a4, .Lrefused
    movi.n  a2, 0
.Lreturn:
    kernel_return FRAME

.Lmore: /* the tap is the new chunk's first */
    l32i.n  a3, sp, AT_LAST_MARKS
    l32i.n  a4, sp, AT_TAP_LIST
    addi    a2, a2, MARKS_BYTES
    l32i.n  a6, sp, AT_TAP_WEIGHT
    s32i.n  a2, sp, AT_MARKS
    bgeu    a2, a3, .Lrefused
    l32i.n  a5, a4, 0
    movi.n  a3, 0
    addi.n  a5, a5, 2
    s32i.n  a5, a4, 0
    s32i.n  a3, sp, AT_MORE
    s32i.n  a6, sp, AT_WEIGHT
    l32i.n  a4, sp, AT_TAP_SYMBOL
    extui   a4, a4, 11, 5
    slli    a4, a4, 11
    extui   a9, a9, 0, 6
    add.n   a9, a9, a4
    j       .Ltaken
    .end    no-transform
    .size   sqz_decode_lists, . - sqz_decode_lists

#endif
