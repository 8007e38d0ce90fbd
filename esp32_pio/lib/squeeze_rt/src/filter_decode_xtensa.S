/*
 * sqz_decode_filter (filter_decode.h) for Xtensa. The C in filter_decode.c says what it does.
 *
 * In assembler so that the stream's state stays in registers: 29 instructions for a non-zero weight with the zeros
 * before it, 15 for a symbol of zeros alone, 11 for each 32 bits of code, 20 or more where the code word is longer
 * than the lookup's, and 28 for each chunk.
 */
#if defined(__XTENSA__)

#include "stream_xtensa.inc"

#define FRAME 48 /* saved registers first, then: */
#define AT_STREAM       20
#define AT_NEGATIVE     24 /* where the sum of all chunks' negative weights goes */
#define AT_ALL_NEGATIVE 28
#define AT_CHUNK        32 /* its first tap */
#define AT_LIST         36 /* of the chunks */
#define AT_TAPS         40
#define AT_LOW          44

/*
 * a3..a5: scratch    a8..a11, a14: the window    a15: chunk's header - 4: no tap from there on    a0: next tap
 * a2: budget left in the chunk    a6: mask of the low bits    a7: sum of the chunk's weights x largest inputs
 * a12: input of the next weight, a13: end of these
 */

/* Of the chunk before the tap at a0; a4: LANE_BUDGET; a3, a4, a7 are overwritten. */
    .macro write_header
    add.n   a7, a7, a2 /* LANE_BUDGET - 2 x negative */
    sub     a7, a4, a7
    srli    a7, a7, 1
    l32i.n  a3, sp, AT_ALL_NEGATIVE
    l32i.n  a4, sp, AT_CHUNK
    add.n   a3, a3, a7
    s32i.n  a3, sp, AT_ALL_NEGATIVE
    sub     a4, a0, a4
    srli    a4, a4, 2
    slli    a7, a7, 16
    or      a7, a7, a4
    s32i.n  a7, a15, 4
    .endm

    .section .text.sqz_decode_filter, "ax", @progbits
    .begin  no-transform
    .align  4
    .global sqz_decode_filter
    .type   sqz_decode_filter, @function
sqz_decode_filter: /* a2: stream, a3: taps, a4: limit, a5: negative */
    kernel_entry FRAME
    addx4   a4, a4, a3
    s32i.n  a2, sp, AT_STREAM
    addi    a4, a4, -4
    s32i.n  a5, sp, AT_NEGATIVE
    s32i.n  a3, sp, AT_CHUNK
    s32i.n  a3, sp, AT_TAPS
    s32i.n  a4, sp, AT_LIST
    mov.n   a0, a3
    movi.n  a7, 0
    s32i.n  a7, sp, AT_ALL_NEGATIVE
    addi    a6, a4, -8
    load_window
    mov.n   a15, a6
    l32i.n  a4, a2, DECODER_ZEROS
    l32i.n  a3, a2, DECODER_VALUE
    l16ui   a6, a5, FAR_OFFSET(DECODER_LOW)
    s32i.n  a6, sp, AT_LOW
    l32i    a12, a5, FAR_OFFSET(STREAM_INPUTS)
    l32i    a13, a5, FAR_OFFSET(STREAM_WEIGHTS)
    mov.n   a5, a3
    movi.n  a2, -1
    addx4   a13, a13, a12
    extui   a2, a2, 0, 16 /* LANE_BUDGET */
    addx4   a12, a4, a12
    beqz    a5, .Lzeros_first
    bgeu    a12, a13, .Lto_still
    j       .Ltap
.Lzeros_first:
    bltu    a13, a12, .Lto_still
    j       .Lwritten
.Lto_still:
    j       .Lstill
.Lto_refused: /* branches do not reach far */
    j       .Lrefused
.Lto_end:
    j       .Lend
.Lno_more:
    take_last a3, .Lsymbol

.Lrefill: /* a15 is in use */
    l32i.n  a3, sp, AT_STREAM
    l32i.n  a3, a3, DECODER_END
    addi    a3, a3, -3
    bgeu    a14, a3, .Lno_more
    take_word
.Lsymbol:
    ssl     a9
    src     a3, a8, a10
    extui   a4, a3, 32 - LOOKUP_BITS, LOOKUP_BITS
    addx2   a4, a4, a11
    l16si   a4, a4, LEVELS_TO_LOOKUP
    extui   a5, a4, 0, 4
    bltui   a4, 256, .Lrare /* a long code word, or no weight */
.Lweight: /* a5: bits of its code word and its low bits, with which the window a3 begins */
    ssl     a5
    srl     a3, a3
    and     a3, a3, a6
    add.n   a9, a9, a5
    extui   a5, a4, 4, 4
    addx4   a12, a5, a12
    srai    a5, a4, 8
    add.n   a5, a5, a3
    bgeu    a12, a13, .Lto_end
.Ltap: /* of weight a5 */
    bgeu    a0, a15, .Lto_refused
    l16ui   a4, a12, 0
    l16ui   a3, a12, 2
    s16i    a4, a0, 0
    s16i    a5, a0, 2
    mull    a3, a5, a3
    addi.n  a12, a12, 4
    addi.n  a0, a0, 4
    add.n   a7, a7, a3
    abs     a3, a3
    sub     a2, a2, a3
    bltz    a2, .Lnew_chunk
.Lwritten:
    bbci    a9, 5, .Lsymbol
    j       .Lrefill

.Lrare:
    beqz    a5, .Llong
.Lzeros:
    add.n   a9, a9, a5
    extui   a5, a4, 4, 4
    addx4   a12, a5, a12
    addi.n  a12, a12, 4
    bltu    a13, a12, .Lend_zeros
    j       .Lwritten
.Lend_zeros: /* symbol a4 is of the next filter, at least in part */
    movi.n  a5, 0
    movi.n  a3, 4
    j       .Lends

.Llong: /* the code word has at least a4 >> 4 bits */
    extui   a5, a4, 4, 4
    extui   a3, a3, 16, 16
    long_word l16si, a4, a3, a5, a6
    ssl     a9
    src     a3, a8, a10
    l32i.n  a6, sp, AT_LOW
    extui   a5, a4, 0, 4
    bltui   a4, 256, .Lzeros
    j       .Lweight

.Lnew_chunk: /* the old one ends before the tap that was written: a5: weight, a3: what it can add */
    movi.n  a4, -1
    extui   a4, a4, 0, 16 /* LANE_BUDGET */
    add.n   a2, a2, a3
    sub     a6, a4, a3 /* what is left of it */
    bgez    a5, .Lpositive
    neg     a3, a3
.Lpositive:
    sub     a7, a7, a3
    mov.n   a5, a3
    addi    a0, a0, -4
    write_header
    s32i.n  a0, sp, AT_CHUNK
    addi.n  a0, a0, 4
    mov.n   a7, a5
    mov.n   a2, a6
    l32i.n  a6, sp, AT_LOW
    addi    a15, a15, -4
    bltu    a15, a0, .Lrefused
    j       .Lwritten
.Lrefused:
    movi    a2, SQZ_ERR_CODE
    j       .Lreturn

.Lend: /* a weight, a5, likewise */
    movi.n  a3, 0
.Lends:
    extui   a6, a4, 4, 4
    addx4   a3, a6, a3
    sub     a3, a12, a3
    bne     a3, a13, .Lstill
    extui   a4, a4, 0, 4
    sub     a9, a9, a4 /* as a whole: it was not read */
    mov.n   a12, a13
    movi.n  a5, 0
.Lstill:
    l32i.n  a4, sp, AT_STREAM
    sub     a12, a12, a13
    srli    a12, a12, 2
    s32i.n  a12, a4, DECODER_ZEROS
    s32i.n  a5, a4, DECODER_VALUE
    save_window
    movi.n  a4, -1
    extui   a4, a4, 0, 16
    write_header
    movi.n  a4, 0
    s32i.n  a4, a15, 0
    l32i.n  a5, sp, AT_LIST
    l32i.n  a3, sp, AT_TAPS
    sub     a3, a3, a5
    srai    a3, a3, 2
    s32i.n  a3, a5, 0
    l32i.n  a5, sp, AT_NEGATIVE
    l32i.n  a3, sp, AT_ALL_NEGATIVE
    s32i.n  a3, a5, 0
    movi.n  a2, 0
.Lreturn:
    kernel_return FRAME
    .end    no-transform
    .size   sqz_decode_filter, . - sqz_decode_filter

#endif
