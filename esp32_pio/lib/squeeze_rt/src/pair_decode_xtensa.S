/*
 * sqz_decode_pairs (filter_decode.h) for Xtensa. The C in pair_decode.c says what it does.
 *
 * In assembler so that the stream's state stays in registers: 32 instructions for a pair of weights, 8 for each 32 bits
 * of code, 15 or more where the code word is longer than the lookup's, and 29 for each chunk.
 */
#if defined(__XTENSA__)

#include "stream_xtensa.inc"

#define PAIR_LOW_BITS 5 /* HUFFMAN_PAIR_LOW_BITS, of each weight */

#define FRAME 48 /* saved registers first, then: */
#define AT_STREAM       20
#define AT_NEGATIVE     24 /* where the sum of all chunks' negative weights goes */
#define AT_ALL_NEGATIVE 28
#define AT_CHUNK        32 /* its first tap */
#define AT_HEADER       36 /* of the chunk */
#define AT_LIST         40 /* of the chunks */
#define AT_LAST         44 /* no header here or below */

/* The header of the chunk before the tap at a12, of a7 and a0; leaves the next one's place in a3. a4: LANE_BUDGET. a7
 * is overwritten, and so is a4. AT_ALL_NEGATIVE counts twice. */
    .macro write_header
    l32i.n  a3, sp, AT_ALL_NEGATIVE
    add.n   a7, a7, a0
    sub     a7, a4, a7 /* 2 x negative */
    l32i.n  a4, sp, AT_CHUNK
    add.n   a3, a3, a7
    s32i.n  a3, sp, AT_ALL_NEGATIVE
    l32i.n  a3, sp, AT_HEADER
    sub     a4, a12, a4
    slli    a7, a7, 15
    srli    a4, a4, 2
    or      a7, a7, a4
    s32i.n  a7, a3, 0
    addi    a3, a3, -4
    .endm

/*
 * a2..a5: scratch    a8..a11, a14, a15: the window    a0: budget left in the chunk    a7: sum of its weights x largest
 * inputs    a6: the largest input of the next weight    a12: its tap, a13: end of these
 */
    .section .text.sqz_decode_pairs, "ax", @progbits
    .literal_position
    .literal .Lbudget, 0xFFFF /* LANE_BUDGET */
    .begin  no-transform
    .align  4
    .global sqz_decode_pairs
    .type   sqz_decode_pairs, @function
sqz_decode_pairs: /* a2: stream, a3: taps, a4: limit, a5: negative */
    kernel_entry FRAME
    addx4   a4, a4, a3
    s32i.n  a2, sp, AT_STREAM
    addi    a4, a4, -4
    s32i.n  a5, sp, AT_NEGATIVE
    s32i.n  a4, sp, AT_LIST
    addi    a4, a4, -4
    s32i.n  a4, sp, AT_HEADER
    mov.n   a6, a3
    movi.n  a7, 0
    s32i.n  a7, sp, AT_ALL_NEGATIVE
    load_window
    l32i    a12, a5, FAR_OFFSET(STREAM_INPUTS)
    l32i    a13, a5, FAR_OFFSET(STREAM_WEIGHTS)
    s32i.n  a12, sp, AT_CHUNK
    add.n   a4, a6, a13
    addi.n  a4, a4, 3
    srli    a4, a4, 2
    slli    a4, a4, 2
    s32i.n  a4, sp, AT_LAST
    addx4   a13, a13, a12
    l32r    a0, .Lbudget
    j       .Lnext

.Lrefill:
    bgeu    a14, a15, .Lno_more
    take_word
.Lpair:
    ssl     a9
    src     a3, a8, a10
    extui   a4, a3, 32 - LOOKUP_BITS - 2 * PAIR_LOW_BITS, LOOKUP_BITS
    addx2   a4, a4, a11
    l16si   a4, a4, LEVELS_TO_LOOKUP
    extui   a5, a4, 0, 5
    beqz    a5, .Llong
.Lknown:
    add.n   a9, a9, a5
    ssai    32 - PAIR_LOW_BITS
    srai    a5, a4, 13
    src     a5, a5, a3 /* the first weight */
    slli    a3, a3, PAIR_LOW_BITS
    slli    a4, a4, 19
    srai    a4, a4, 29
    src     a4, a4, a3 /* the second */
    l8ui    a2, a6, 0
    l8ui    a3, a6, 1
    s16i    a5, a12, 2
    s16i    a4, a12, 6
    mull    a2, a5, a2
    mull    a3, a4, a3
    add.n   a7, a7, a2
    add.n   a7, a7, a3
    abs     a2, a2
    abs     a3, a3
    add.n   a2, a2, a3
    sub     a0, a0, a2
    bltz    a0, .Lnew_chunk
.Lin_chunk:
    addi.n  a6, a6, 2
    addi.n  a12, a12, 8
    bgeu    a12, a13, .Lto_done
.Lnext:
    bbci    a9, 5, .Lpair
    j       .Lrefill
.Lto_done:
    j       .Ldone

.Lno_more:
    take_last a15, .Lpair

.Llong: /* at least a4 >> 5 bits */
    extui   a5, a4, 5, 4
    extui   a3, a3, 16 - 2 * PAIR_LOW_BITS, 16
    long_word l16si, a4, a3, a5, a2
    ssl     a9
    src     a3, a8, a10
    extui   a5, a4, 0, 5
    j       .Lknown

.Lnew_chunk: /* the old one ends before the pair: a5, a4: its weights, a2: what they can add */
    l8ui    a3, a6, 0
    mull    a5, a5, a3
    l8ui    a3, a6, 1
    mull    a4, a4, a3
    add.n   a0, a0, a2
    add.n   a5, a5, a4
    l32r    a4, .Lbudget
    sub     a7, a7, a5
    sub     a2, a4, a2
    write_header
    mov.n   a0, a2
    mov.n   a7, a5
    l32i.n  a4, sp, AT_LAST
    s32i.n  a3, sp, AT_HEADER
    s32i.n  a12, sp, AT_CHUNK
    bgeu    a4, a3, .Lrefused
    j       .Lin_chunk
.Lrefused:
    movi    a2, SQZ_ERR_CODE
    j       .Lreturn

.Ldone:
    l32i.n  a4, sp, AT_STREAM
    save_window
    l32r    a4, .Lbudget
    write_header
    movi.n  a4, 0
    s32i.n  a4, a3, 0
    l32i.n  a5, sp, AT_LIST
    l32i.n  a4, sp, AT_STREAM
    addmi   a4, a4, STREAM_FAR
    l32i    a4, a4, FAR_OFFSET(STREAM_INPUTS)
    sub     a4, a4, a5
    srai    a4, a4, 2
    s32i.n  a4, a5, 0
    l32i.n  a5, sp, AT_NEGATIVE
    l32i.n  a4, sp, AT_ALL_NEGATIVE
    srli    a4, a4, 1
    s32i.n  a4, a5, 0
    movi.n  a2, 0
.Lreturn:
    kernel_return FRAME
    .end    no-transform
    .size   sqz_decode_pairs, . - sqz_decode_pairs

#endif
