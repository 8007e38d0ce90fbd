/*
 * decode_filter (filter_decode.h) for Xtensa, call0 ABI. The C in filter_decode.c says what it does.
 *
 * In assembler so that the stream's state stays in registers: about 35 instructions for a non-zero weight with all the
 * zeros before it, where zeros have a code word of one bit.
 */
#if defined(__XTENSA__)

/* filter_stream; filter_decode.c asserts these */
#define DECODER_NEXT    0
#define DECODER_END     4
#define DECODER_WINDOW  8
#define DECODER_BITS    12
#define DECODER_ZEROS   16
#define DECODER_RUNS    20
#define DECODER_LIMIT   24
#define DECODER_PLACE   88
#define DECODER_LOOKUP  120
#define DECODER_SYMBOLS 632
#define STREAM_INPUTS   888
#define STREAM_WEIGHTS  892

#define LOOKUP_BITS  8 /* HUFFMAN_LOOKUP_BITS */
#define SQZ_ERR_CODE -7

#define FRAME 48 /* saved registers first, then: */
#define AT_STREAM       20
#define AT_NEGATIVE     24 /* where the sum of all chunks' negative weights goes */
#define AT_ALL_NEGATIVE 28
#define AT_CHUNK        32 /* header of the chunk */
#define AT_END          36 /* of the code */

/*
 * a2..a5: scratch    a6: whether zeros come in runs    a7: the chunk's negative weights    a8: window    a9: its bits
 * a10: next unit    a11: lookup    a12: input of the next weight, a13: end of these    a14: next word of taps
 * a15: budget left in the chunk    a0: no tap from here on
 */
    .section .text.decode_filter, "ax", @progbits
    .begin  no-transform
    .align  4
    .global decode_filter
    .type   decode_filter, @function
decode_filter: /* a2: stream, a3: taps, a4: limit, a5: negative */
    addi    sp, sp, -FRAME
    s32i.n  a0, sp, 0
    s32i.n  a12, sp, 4
    s32i.n  a13, sp, 8
    s32i.n  a14, sp, 12
    s32i.n  a15, sp, 16
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
    l32i.n  a9, a2, DECODER_BITS
    l32i.n  a10, a2, DECODER_NEXT
    l32i.n  a3, a2, DECODER_END
    s32i.n  a3, sp, AT_END
    l32i.n  a6, a2, DECODER_RUNS
    movi    a11, DECODER_LOOKUP
    add.n   a11, a11, a2
    l32i    a12, a2, STREAM_INPUTS
    l32i    a13, a2, STREAM_WEIGHTS
    l32i.n  a3, a2, DECODER_ZEROS
    addx4   a13, a13, a12
    addx4   a12, a3, a12 /* cannot wrap around: zeros without end are 2^31 - 1, see below */
    l32i    a4, a2, STREAM_WEIGHTS
    bltu    a3, a4, .Lnext
    j       .Lno_taps
.Lto_done: /* branches do not reach far */
    j       .Ldone
.Lto_refused:
    j       .Lrefused
.Lno_more: /* the window holds the last bits, unless more of them were read than there are */
    bltz    a9, .Lto_refused
    j       .Llook

.Lnext:
    beqz.n  a6, .Lread
    nsau    a2, a8 /* of 0: 32, and there are never so many bits */
    bge     a2, a9, .Lall_zeros
    sub     a9, a9, a2
    ssl     a2
    sll     a8, a8
    addx4   a12, a2, a12
.Lread:
    bgeu    a12, a13, .Lto_done
    bgei    a9, 16, .Llook
    l32i.n  a2, sp, AT_END
    bgeu    a10, a2, .Lno_more
    l16ui   a2, a10, 0
    movi.n  a3, 16
    sub     a3, a3, a9
    ssl     a3
    sll     a2, a2
    or      a8, a8, a2
    addi.n  a10, a10, 2
    addi    a9, a9, 16
.Llook:
    extui   a2, a8, 32 - LOOKUP_BITS, LOOKUP_BITS
    addx2   a2, a2, a11
    l16si   a3, a2, 0
    bltui   a3, 16, .Lrare /* no symbol, or that of 0 */
.Lword:
    extui   a4, a3, 0, 4
    ssl     a4
    sll     a8, a8
    sub     a9, a9, a4
    srai    a3, a3, 8
    bgeu    a14, a0, .Lto_refused
    l16ui   a5, a12, 2
    abs     a4, a3
    l16ui   a2, a12, 0
    mull    a4, a4, a5
    addi.n  a12, a12, 4
    sub     a15, a15, a4
    bltz    a15, .Lnew_chunk
.Ltap:
    slli    a5, a3, 16
    or      a2, a2, a5
    s32i.n  a2, a14, 0
    addi.n  a14, a14, 4
    bgez    a3, .Lnext
    add.n   a7, a7, a4
    j       .Lnext

.Lall_zeros: /* the run reaches the end of the window, and may go on */
    bltz    a9, .Lrefused_here
    addx4   a12, a9, a12
    movi.n  a8, 0
    movi.n  a9, 0
    bgeu    a12, a13, .Ldone_here
    l32i.n  a2, sp, AT_END
    bgeu    a10, a2, .Lrefused_here
    l16ui   a8, a10, 0
    addi.n  a10, a10, 2
    slli    a8, a8, 16
    movi.n  a9, 16
    j       .Lnext
.Ldone_here:
    j       .Ldone
.Lrefused_here:
    j       .Lrefused

.Lrare:
    beqz    a3, .Llong_word
.Lzero: /* a code word of a3 bits */
    ssl     a3
    sll     a8, a8
    sub     a9, a9, a3
    addi.n  a12, a12, 4
    j       .Lnext

.Llong_word:
    extui   a2, a8, 16, 16
    l32i.n  a3, sp, AT_STREAM
    movi.n  a4, LOOKUP_BITS
.Llonger:
    addi.n  a4, a4, 1
    addx4   a5, a4, a3
    l32i    a5, a5, DECODER_LIMIT
    bgeu    a2, a5, .Llonger
    movi.n  a5, 16
    sub     a5, a5, a4
    ssr     a5
    srl     a2, a2
    addx2   a5, a4, a3
    l16si   a5, a5, DECODER_PLACE
    add.n   a2, a2, a5
    add.n   a2, a2, a3
    addmi   a2, a2, DECODER_SYMBOLS & ~255
    l8ui    a2, a2, DECODER_SYMBOLS & 255
    slli    a2, a2, 24 /* to sign-extend it */
    srai    a2, a2, 16
    or      a3, a2, a4
    bnez    a2, .Lto_word
    j       .Lzero
.Lto_word:
    j       .Lword

.Lnew_chunk:
    l32i.n  a5, sp, AT_CHUNK
    s32i.n  a14, sp, AT_CHUNK
    sub     a15, a14, a5
    srli    a15, a15, 2
    addi.n  a15, a15, -1
    addi.n  a14, a14, 4
    slli    a2, a7, 16
    or      a15, a15, a2
    s32i.n  a15, a5, 0
    l32i.n  a2, sp, AT_ALL_NEGATIVE
    movi.n  a15, -1
    add.n   a2, a2, a7
    s32i.n  a2, sp, AT_ALL_NEGATIVE
    movi.n  a7, 0
    extui   a15, a15, 0, 16 /* LANE_BUDGET */
    sub     a15, a15, a4
    addi    a2, a12, -4
    l16ui   a2, a2, 0
    j       .Ltap

.Lno_taps: /* all weights are zeros that are decoded already */
    sub     a3, a3, a4
    slli    a3, a3, 2
    add.n   a12, a13, a3
.Ldone:
    bltz    a9, .Lrefused
    l32i.n  a5, sp, AT_CHUNK
    sub     a2, a14, a5
    srli    a2, a2, 2
    addi.n  a2, a2, -1
    slli    a3, a7, 16
    or      a2, a2, a3
    s32i.n  a2, a5, 0
    movi.n  a2, 0
    s32i.n  a2, a14, 0
    l32i.n  a2, sp, AT_ALL_NEGATIVE
    l32i.n  a3, sp, AT_NEGATIVE
    add.n   a2, a2, a7
    s32i.n  a2, a3, 0
    l32i.n  a3, sp, AT_STREAM
    sub     a12, a12, a13
    srli    a12, a12, 2
    s32i.n  a12, a3, DECODER_ZEROS
    s32i.n  a8, a3, DECODER_WINDOW
    s32i.n  a9, a3, DECODER_BITS
    s32i.n  a10, a3, DECODER_NEXT
    movi.n  a2, 0
.Lreturn:
    l32i.n  a0, sp, 0
    l32i.n  a12, sp, 4
    l32i.n  a13, sp, 8
    l32i.n  a14, sp, 12
    l32i.n  a15, sp, 16
    addi    sp, sp, FRAME
    ret.n
.Lrefused:
    movi    a2, SQZ_ERR_CODE
    j       .Lreturn
    .end    no-transform
    .size   decode_filter, . - decode_filter

#endif
