/*
 * sqz_decode_filter (filter_decode.h) for Xtensa, of weights without low bits. The C in filter_decode.c says what it
 * does.
 *
 * In assembler so that the stream's state stays in registers: 26 instructions for a non-zero weight with the zeros
 * before it, 8 for each 16 bits of code, 13 or more where the code word is longer than the lookup's, and 14 for a
 * symbol of zeros alone.
 */
#if defined(__XTENSA__)

#include "kernel_abi_xtensa.inc"

/* filter_stream; filter_decode.c asserts these */
#define DECODER_NEXT      0
#define DECODER_END       4
#define DECODER_WINDOW    8
#define DECODER_SPARE     12
#define DECODER_ZEROS     16
#define DECODER_VALUE     20
#define DECODER_LEVELS    24
#define LEVELS_TO_LOOKUP  64
#define LOOKUP_TO_SYMBOLS 512
#define STREAM_INPUTS     1116
#define STREAM_WEIGHTS    1120

#define LOOKUP_BITS  8 /* HUFFMAN_LOOKUP_BITS */
#define SQZ_ERR_CODE -7

#define FRAME 48 /* saved registers first, then: */
#define AT_STREAM       20
#define AT_NEGATIVE     24 /* where the sum of all chunks' negative weights goes */
#define AT_ALL_NEGATIVE 28
#define AT_CHUNK        32 /* header of the chunk */

/*
 * a2..a5: scratch    a6: end of the code    a7: sum of the chunk's weights x largest inputs    a8: window
 * a9: its bits, less 16    a10: next unit    a11: levels    a12: input of the next weight, a13: end of these
 * a14: next word of taps    a15: budget left in the chunk    a0: no tap from here on
 */
    .section .text.sqz_decode_symbols, "ax", @progbits
    .begin  no-transform
    .align  4
    .global sqz_decode_symbols
    .type   sqz_decode_symbols, @function
sqz_decode_symbols: /* a2: stream, a3: taps, a4: limit, a5: negative */
    kernel_entry FRAME
    s32i.n  a2, sp, AT_STREAM
    s32i.n  a5, sp, AT_NEGATIVE
    s32i.n  a3, sp, AT_CHUNK
    addx4   a0, a4, a3
    addi    a0, a0, -8
    addi.n  a14, a3, 4
    movi.n  a7, 0
    s32i.n  a7, sp, AT_ALL_NEGATIVE
    movi.n  a15, -1
    extui   a15, a15, 0, 16 /* LANE_BUDGET */
    l32i.n  a8, a2, DECODER_WINDOW
    l32i.n  a9, a2, DECODER_SPARE
    l32i.n  a10, a2, DECODER_NEXT
    l32i.n  a6, a2, DECODER_END
    addi    a11, a2, DECODER_LEVELS
    addmi   a5, a2, STREAM_INPUTS & ~255
    l32i    a12, a5, STREAM_INPUTS & 255
    l32i    a13, a5, STREAM_WEIGHTS & 255
    l32i.n  a4, a2, DECODER_ZEROS /* at most 16 */
    l32i.n  a3, a2, DECODER_VALUE
    addx4   a13, a13, a12
    addx4   a12, a4, a12
    bgeu    a12, a13, .Lto_pending
    bnez    a3, .Ltap
    j       .Lenough
.Lto_pending: /* branches do not reach far */
    j       .Lpending
.Lto_done:
    j       .Ldone
.Lto_refused:
    j       .Lrefused

.Lno_more: /* the window holds the last bits, unless more of them were read than there are */
    addi    a2, a9, 16
    bltz    a2, .Lto_refused
    j       .Llook
.Lenough:
    bgez    a9, .Llook
.Lrefill:
    bgeu    a10, a6, .Lno_more
    l16ui   a2, a10, 0
    addi.n  a10, a10, 2
    ssr     a9 /* 32 + a9: shifts left by -a9, which is 1 to 16 */
    sll     a2, a2
    or      a8, a8, a2
    addi    a9, a9, 16
.Llook:
    extui   a2, a8, 32 - LOOKUP_BITS, LOOKUP_BITS
    addx2   a2, a2, a11
    l16si   a3, a2, LEVELS_TO_LOOKUP
    extui   a4, a3, 0, 4
    bltui   a3, 256, .Lrare /* a long code word, or no weight */
    ssl     a4
    sll     a8, a8
.Lsymbol: /* its code word of a4 bits is off the window */
    sub     a9, a9, a4
    extui   a5, a3, 4, 4
    addx4   a12, a5, a12
    srai    a3, a3, 8
    bgeu    a12, a13, .Lto_pending
.Ltap: /* of weight a3 */
    bgeu    a14, a0, .Lto_refused
    l16ui   a5, a12, 2
    l16ui   a2, a12, 0
    mull    a4, a3, a5
    addi.n  a12, a12, 4
    add.n   a7, a7, a4
    abs     a4, a4
    sub     a15, a15, a4
    bltz    a15, .Lnew_chunk
.Lstore:
    s16i    a2, a14, 0
    s16i    a3, a14, 2
    addi.n  a14, a14, 4
    bgeu    a12, a13, .Lto_done_too
    bgez    a9, .Llook
    j       .Lrefill

.Lrare:
    beqz    a4, .Llong_word
    ssl     a4
    sll     a8, a8
.Lzeros: /* the same */
    sub     a9, a9, a4
    extui   a5, a3, 4, 4
    addx4   a12, a5, a12
    addi.n  a12, a12, 4
    bgeu    a12, a13, .Lto_done_too
    bgez    a9, .Llook
    j       .Lrefill
.Lto_done_too:
    j       .Ldone

.Llonger:
    addi.n  a4, a4, 1
    addi.n  a5, a5, 4
    j       .Ltry
.Llong_word: /* of at least a3 >> 4 bits */
    extui   a4, a3, 4, 4
    extui   a2, a8, 16, 16
    addx4   a5, a4, a11
.Ltry:
    l16ui   a3, a5, 0
    bltu    a3, a2, .Llonger
    l16si   a5, a5, 2
    ssl     a4 /* for both directions */
    srl     a2, a8
    sll     a8, a8
    add.n   a2, a2, a5
    addx2   a2, a2, a11
    addmi   a2, a2, LOOKUP_TO_SYMBOLS
    l16si   a3, a2, LEVELS_TO_LOOKUP
    bltui   a3, 256, .Lzeros
    j       .Lsymbol

.Lnew_chunk: /* the old one ends before this tap: a2: its input, a3: weight, a5: largest input, a4: |a3 x a5| */
    mull    a5, a3, a5
    sub     a7, a7, a5
    add.n   a15, a15, a4
    add.n   a7, a7, a15 /* LANE_BUDGET - 2 x negative */
    movi.n  a15, -1
    extui   a15, a15, 0, 16
    sub     a7, a15, a7
    srli    a7, a7, 1
    l32i.n  a15, sp, AT_ALL_NEGATIVE
    add.n   a15, a15, a7
    s32i.n  a15, sp, AT_ALL_NEGATIVE
    slli    a7, a7, 16
    l32i.n  a15, sp, AT_CHUNK
    s32i.n  a14, sp, AT_CHUNK
    sub     a2, a14, a15
    srli    a2, a2, 2
    addi.n  a2, a2, -1
    or      a2, a2, a7
    s32i.n  a2, a15, 0
    addi.n  a14, a14, 4
    mov.n   a7, a5
    movi.n  a15, -1
    extui   a15, a15, 0, 16 /* LANE_BUDGET */
    sub     a15, a15, a4
    addi    a2, a12, -4
    l16ui   a2, a2, 0
    j       .Lstore

.Ldone:
    movi.n  a3, 0
.Lpending: /* a3: the weight that belongs to the next filter, or 0 */
    addi    a2, a9, 16
    bltz    a2, .Lrefused
    l32i.n  a4, sp, AT_STREAM
    sub     a12, a12, a13
    srli    a12, a12, 2
    s32i.n  a12, a4, DECODER_ZEROS
    s32i.n  a3, a4, DECODER_VALUE
    s32i.n  a8, a4, DECODER_WINDOW
    s32i.n  a9, a4, DECODER_SPARE
    s32i.n  a10, a4, DECODER_NEXT
    add.n   a7, a7, a15 /* LANE_BUDGET - 2 x negative */
    movi.n  a2, -1
    extui   a2, a2, 0, 16
    sub     a7, a2, a7
    srli    a7, a7, 1
    l32i.n  a5, sp, AT_CHUNK
    sub     a2, a14, a5
    srli    a2, a2, 2
    addi.n  a2, a2, -1
    slli    a3, a7, 16
    or      a2, a2, a3
    s32i.n  a2, a5, 0
    movi.n  a2, 0
    s32i.n  a2, a14, 0
    l32i.n  a4, sp, AT_ALL_NEGATIVE
    l32i.n  a3, sp, AT_NEGATIVE
    add.n   a4, a4, a7
    s32i.n  a4, a3, 0
.Lreturn:
    kernel_return FRAME
.Lrefused:
    movi    a2, SQZ_ERR_CODE
    j       .Lreturn
    .end    no-transform
    .size   sqz_decode_symbols, . - sqz_decode_symbols

#endif
