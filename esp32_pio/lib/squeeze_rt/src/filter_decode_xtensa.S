/*
 * sqz_decode_filter (filter_decode.h) for Xtensa. The C in filter_decode.c says what it does.
 *
 * In assembler so that the stream's state stays in registers: 29 instructions for a non-zero weight with the zeros
 * before it, 18 for a symbol of zeros alone, 43 for a pair of weights, 10 for each 32 bits of code, 20 or more where
 * the code word is longer than the lookup's, and 29 for each chunk.
 */
#if defined(__XTENSA__)

#include "kernel_abi_xtensa.inc"

/* filter_stream; filter_decode.c asserts these */
#define DECODER_NEXT      0
#define DECODER_END       4
#define DECODER_SPARE     12
#define DECODER_ZEROS     16
#define DECODER_VALUE     20
#define DECODER_LEVELS    24
#define LEVELS_TO_LOOKUP  64
#define LOOKUP_TO_SYMBOLS 512
#define DECODER_LOW       1112
#define STREAM_INPUTS     1116
#define STREAM_WEIGHTS    1120

#define LOOKUP_BITS   8 /* HUFFMAN_LOOKUP_BITS */
#define PAIR_LOW_BITS 5 /* HUFFMAN_PAIR_LOW_BITS, of each weight */
#define SQZ_ERR_CODE  -7

#define FRAME 48 /* saved registers first, then: */
#define AT_STREAM       20
#define AT_NEGATIVE     24 /* where the sum of all chunks' negative weights goes */
#define AT_ALL_NEGATIVE 28
#define AT_CHUNK        32 /* header of the chunk */
#define AT_LOW          36 /* mask of the low bits; negative: pairs */
#define AT_LAST         40 /* unit of the code */

/*
 * a8: 32 bits of code that unread ones begin in    a9: how many of them have been read    a2: the 32 bits behind
 * a10: where these lie    a3..a5: scratch    a6: mask of the low bits, in pairs scratch
 * a7: sum of the chunk's weights x largest inputs    a11: levels    a12: input of the next weight, a13: end of these
 * a14: next word of taps    a15: budget left in the chunk    a0: no tap from here on
 */

/* The two units at a10; zeros are behind the last one, which is at a5. */
    .macro load_units to
    movi.n  \to, 0
    bltu    a5, a10, .Lbehind\@
    l16ui   \to, a10, 0
    slli    \to, \to, 16
    beq     a5, a10, .Lbehind\@
    l16ui   a4, a10, 2
    or      \to, \to, a4
.Lbehind\@:
    addi.n  a10, a10, 4
    .endm

/* When all of a8 has been read, the units behind it; then back to \loop. \ends: .Lends, or a jump there. */
    .macro next_units loop, ends
    addi    a9, a9, -32
    mov.n   a8, a2
    addi.n  a10, a10, 4
    l32i.n  a3, sp, AT_LAST
    bgeu    a10, a3, \ends
    l16ui   a2, a10, 0
    l16ui   a3, a10, 2
    slli    a2, a2, 16
    or      a2, a2, a3
    j       \loop
    .endm

/* Weight \weight, whose input is at a12 + \at, becomes a tap; a6: where its input lies, a3: what it can add. */
    .macro write_tap weight, at, new_chunk
    bgeu    a14, a0, .Lrefused_2
    l16ui   a6, a12, \at
    l16ui   a3, a12, \at + 2
    s16i    a6, a14, 0
    s16i    \weight, a14, 2
    mull    a3, \weight, a3
    addi.n  a14, a14, 4
    add.n   a7, a7, a3
    abs     a3, a3
    sub     a15, a15, a3
    bltz    a15, \new_chunk
    .endm

    .section .text.sqz_decode_filter, "ax", @progbits
    .begin  no-transform
    .align  4
    .global sqz_decode_filter
    .type   sqz_decode_filter, @function
sqz_decode_filter: /* a2: stream, a3: taps, a4: limit, a5: negative */
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
    mov.n   a11, a2
    l32i.n  a9, a11, DECODER_SPARE
    l32i.n  a10, a11, DECODER_NEXT
    l32i.n  a5, a11, DECODER_END
    addi    a9, a9, 16
    addi    a5, a5, -2
    s32i.n  a5, sp, AT_LAST
    beqz    a9, .Lat_unit
    addi    a10, a10, -2 /* fewer than 16 bits of it are unread */
    movi.n  a3, 16
    sub     a9, a3, a9
.Lat_unit:
    load_units a8
    load_units a2
    addi    a10, a10, -4
    addmi   a5, a11, DECODER_LOW & ~255
    l16si   a6, a5, DECODER_LOW & 255
    l32i    a12, a5, STREAM_INPUTS & 255
    l32i    a13, a5, STREAM_WEIGHTS & 255
    s32i.n  a6, sp, AT_LOW
    l32i.n  a4, a11, DECODER_ZEROS /* at most 16; of pairs 0 */
    l32i.n  a5, a11, DECODER_VALUE
    addi    a11, a11, DECODER_LEVELS
    bgez    a6, .Lone_by_one
    bbsi    a13, 0, .Lrefused_1 /* half a pair */
    addx4   a13, a13, a12
    j       .Lpair
.Lone_by_one:
    addx4   a13, a13, a12
    addx4   a12, a4, a12
    bgeu    a12, a13, .Lto_pending
    beqz    a5, .Lsymbol
    j       .Ltap
.Lrefused_1: /* branches do not reach far */
    j       .Lrefused
.Lto_pending:
    j       .Lpending

.Lsymbol:
    ssl     a9
    src     a3, a8, a2
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
    bgeu    a12, a13, .Lto_pending
.Ltap: /* of weight a5 */
    bgeu    a14, a0, .Lrefused_1
    l16ui   a4, a12, 0
    l16ui   a3, a12, 2
    s16i    a4, a14, 0
    s16i    a5, a14, 2
    mull    a3, a5, a3
    addi.n  a12, a12, 4
    addi.n  a14, a14, 4
    add.n   a7, a7, a3
    abs     a3, a3
    sub     a15, a15, a3
    bltz    a15, .Lnew_chunk_one
.Lone_written:
    bgeu    a12, a13, .Lto_done
    bbci    a9, 5, .Lsymbol
.Lsymbol_behind:
    next_units .Lsymbol, .Lends

.Lrare:
    beqz    a5, .Llong_one
.Lzeros:
    add.n   a9, a9, a5
    extui   a5, a4, 4, 4
    addx4   a12, a5, a12
    addi.n  a12, a12, 4
    bgeu    a12, a13, .Lto_done
    bbsi    a9, 5, .Lsymbol_behind
    j       .Lsymbol
.Lto_done:
    j       .Ldone

.Lends: /* at most one unit is left, which is at a3 */
    movi.n  a2, 0
    bne     a10, a3, .Lno_more
    l16ui   a2, a10, 0
    slli    a2, a2, 16
.Lno_more: /* are more bits read than there are? */
    addi    a3, a3, 6
    sub     a3, a3, a10
    slli    a3, a3, 3
    sub     a3, a3, a9
    bltz    a3, .Lrefused_2
    l32i.n  a3, sp, AT_LOW
    bgez    a3, .Lsymbol

.Lpair:
    ssl     a9
    src     a3, a8, a2
    extui   a4, a3, 32 - LOOKUP_BITS - 2 * PAIR_LOW_BITS, LOOKUP_BITS
    addx2   a4, a4, a11
    l16si   a4, a4, LEVELS_TO_LOOKUP
    extui   a5, a4, 0, 5
    beqz    a5, .Llong_pair
.Lknown_pair:
    add.n   a9, a9, a5
    ssai    32 - PAIR_LOW_BITS
    srai    a5, a4, 13
    src     a5, a5, a3 /* the first weight */
    slli    a3, a3, PAIR_LOW_BITS
    slli    a4, a4, 19
    srai    a4, a4, 29
    src     a4, a4, a3 /* the second */
    beqz    a5, .Lsecond
    write_tap a5, 0, .Lnew_chunk
.Lsecond:
    beqz    a4, .Lpair_written
    write_tap a4, 4, .Lnew_chunk_second
.Lpair_written:
    addi.n  a12, a12, 8
    bgeu    a12, a13, .Lto_done_too
    bbci    a9, 5, .Lpair
    next_units .Lpair, .Lto_ends

.Lto_done_too:
    j       .Ldone
.Lrefused_2:
    j       .Lrefused
.Lto_ends:
    j       .Lends
.Lto_zeros:
    j       .Lzeros

.Llong_one: /* the code word has at least a4 >> 4 bits */
    extui   a5, a4, 4, 4
    extui   a3, a3, 16, 16
    j       .Llong
.Llong_pair: /* at least a4 >> 5 */
    extui   a5, a4, 5, 4
    extui   a3, a3, 16 - 2 * PAIR_LOW_BITS, 16
.Llong:
    addx4   a6, a5, a11
    j       .Ltry
.Llonger:
    addi.n  a5, a5, 1
    addi.n  a6, a6, 4
.Ltry:
    l16ui   a4, a6, 0
    bltu    a4, a3, .Llonger
    l16si   a6, a6, 2
    addi    a5, a5, 16
    ssl     a5
    srl     a3, a3 /* by 16 - its length */
    add.n   a3, a3, a6
    addx2   a3, a3, a11
    addmi   a3, a3, LOOKUP_TO_SYMBOLS
    l16si   a4, a3, LEVELS_TO_LOOKUP
    ssl     a9
    src     a3, a8, a2
    l32i.n  a6, sp, AT_LOW
    extui   a5, a4, 0, 5
    bltz    a6, .Lknown_pair
    extui   a5, a4, 0, 4
    bltui   a4, 256, .Lto_zeros
    j       .Lweight

.Lnew_chunk_second:
    mov.n   a5, a4
    movi.n  a4, 0
    j       .Lnew_chunk
.Lnew_chunk_one:
    mov.n   a6, a4
.Lnew_chunk: /* the old one ends before the tap that was written: a6: its input, a5: weight, a3: what it can add */
    s16i    a6, a14, 0
    s16i    a5, a14, 2
    movi.n  a6, -1
    extui   a6, a6, 0, 16 /* LANE_BUDGET */
    add.n   a7, a7, a15 /* LANE_BUDGET - 2 x negative, but for the tap */
    sub     a15, a6, a3
    bgez    a5, .Lpositive
    addx2   a7, a3, a7
    neg     a3, a3
.Lpositive:
    sub     a6, a6, a7
    srli    a6, a6, 1
    mov.n   a7, a3
    l32i.n  a3, sp, AT_ALL_NEGATIVE
    l32i.n  a5, sp, AT_CHUNK
    add.n   a3, a3, a6
    s32i.n  a3, sp, AT_ALL_NEGATIVE
    s16i    a6, a5, 2
    addi    a3, a14, -4
    s32i.n  a3, sp, AT_CHUNK
    addi.n  a14, a14, 4
    sub     a3, a3, a5
    srli    a3, a3, 2
    addi.n  a3, a3, -1
    s16i    a3, a5, 0
    l32i.n  a6, sp, AT_LOW
    bltz    a6, .Lto_second
    j       .Lone_written
.Lto_second:
    j       .Lsecond

.Ldone:
    movi.n  a5, 0
.Lpending: /* a5: the weight that belongs to the next filter, or 0 */
    l32i.n  a3, sp, AT_LAST
    addi    a3, a3, 6
    sub     a3, a3, a10
    slli    a3, a3, 3
    blt     a3, a9, .Lrefused
    extui   a3, a9, 4, 2 /* whole units */
    addi    a10, a10, -4
    addx2   a10, a3, a10
    extui   a9, a9, 0, 4
    movi.n  a3, 16
    beqz    a9, .Lwhole_units
    addi.n  a10, a10, 2
    sub     a9, a3, a9
.Lwhole_units:
    sub     a9, a9, a3
    l32i.n  a4, sp, AT_STREAM
    sub     a12, a12, a13
    srli    a12, a12, 2
    s32i.n  a12, a4, DECODER_ZEROS
    s32i.n  a5, a4, DECODER_VALUE
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
    .size   sqz_decode_filter, . - sqz_decode_filter

#endif
