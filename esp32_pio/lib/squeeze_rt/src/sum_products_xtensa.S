/*
 * sum_products_2 and sum_products_4 (sum_taps.h) for Xtensa, call0 ABI. The C in sum_products.c says what they do.
 *
 * In assembler because the compiler does not keep a block's sums in registers: a tap costs 29 instructions for 16
 * outputs in two lanes, 33 in four. Loads and multiplications come in pairs, so that neither waits for its result.
 */
#if defined(__XTENSA__)

/* tap_sweep, as sum_taps.h lays it out */
#define SWEEP_WORDS       0
#define SWEEP_COUNT       4
#define SWEEP_SUMS        8
#define SWEEP_LANE_STRIDE 12
#define SWEEP_WORD_STRIDE 16

#define FRAME     80 /* saved registers first, then: */
#define AT_FIRST  20 /* not 0: sums are stored, not added */
#define AT_BASE   24
#define AT_START  28 /* of the lanes */
#define AT_TAPS   32
#define AT_TAPS_N 36
#define AT_END    40 /* of the taps */
#define AT_BLOCK  44
#define AT_STOP   48 /* end of the words */
#define AT_SUMS   52
#define AT_STRIDE 56 /* bytes from lane to lane */
#define AT_STEP   60 /* bytes from word to word */
#define AT_SWEEP  64

    .macro enter /* a2: sweep, a3: taps, a4: base */
    addi    sp, sp, -FRAME
    s32i.n  a0, sp, 0
    s32i.n  a12, sp, 4
    s32i.n  a13, sp, 8
    s32i.n  a14, sp, 12
    s32i.n  a15, sp, 16
    s32i.n  a4, sp, AT_BASE
    l32i.n  a6, a2, SWEEP_LANE_STRIDE
    l32i.n  a7, a2, SWEEP_WORD_STRIDE
    slli    a6, a6, 2
    slli    a7, a7, 2
    s32i.n  a6, sp, AT_STRIDE
    s32i.n  a7, sp, AT_STEP
    s32i.n  a2, sp, AT_FIRST /* is not 0 */
    s32i    a2, sp, AT_SWEEP
    .endm

/* The chunk whose header is at a3; leaves the sweep's first word in a2 and its end in a6. */
    .macro start_chunk
    l32i    a0, sp, AT_SWEEP
    l32i.n  a4, a3, 0
    addi.n  a3, a3, 4
    extui   a5, a4, 0, 16
    extui   a4, a4, 16, 16
    s32i.n  a3, sp, AT_TAPS
    s32i.n  a5, sp, AT_TAPS_N
    addx4   a3, a5, a3
    s32i.n  a3, sp, AT_END
    slli    a5, a4, 16
    add.n   a4, a4, a5
    s32i.n  a4, sp, AT_START
    l32i.n  a6, a0, SWEEP_COUNT
    l32i.n  a7, a0, SWEEP_SUMS
    l32i.n  a2, a0, SWEEP_WORDS
    s32i.n  a7, sp, AT_SUMS
    addx4   a6, a6, a2
    s32i.n  a6, sp, AT_STOP
    .endm

/* On to the next chunk, if there is one: its header is not 0. */
    .macro next_chunk chunk
    l32i.n  a3, sp, AT_END
    l32i.n  a4, a3, 0
    movi.n  a5, 0
    s32i.n  a5, sp, AT_FIRST
    beqz.n  a4, \chunk\()_last
    j       \chunk
\chunk\()_last:
    l32i    a0, sp, 0
    l32i    a12, sp, 4
    l32i    a13, sp, 8
    l32i    a14, sp, 12
    l32i    a15, sp, 16
    addi    sp, sp, FRAME
    ret.n
    .endm

/* The loop over the chunk's taps; a3 walks them. The LX6 counts by itself, from a4. Its first instruction must not
 * straddle two words: what comes before it in each function is of such a length that it does not. */
    .macro taps_begin label, end=a0
    l32i    a3, sp, AT_TAPS
    l32i    a4, sp, AT_TAPS_N
#if !defined(SQZ_PORTABLE)
\label\()_count:
    .byte   0x76, 0x94, \label\()_end - \label\()_count - 4 /* loopnez a4, \label_end */
#else
    .ifc    \end, a0
    l32i    a0, sp, AT_END
    .endif
    beqz    a4, \label\()_end
#endif
\label:
    .endm

    .macro taps_next label, end=a0
    addi.n  a3, a3, 4
#if defined(SQZ_PORTABLE)
    bltu    a3, \end, \label
#endif
\label\()_end:
    .endm

/* ---- two lanes: sums of words 0..7 in a8..a15, words in a2 ---- */

    .macro multiply_pair offset, first, second
    l32i.n  a6, a5, \offset
    l32i.n  a7, a5, \offset + 4
    mull    a6, a6, a4
    mull    a7, a7, a4
    add.n   \first, \first, a6
    add.n   \second, \second, a7
    .endm

    .macro store_pair offset, sums /* a3: low lanes, a4: high lanes, a6: base */
    extui   a7, \sums, 0, 16
    extui   \sums, \sums, 16, 16
    add.n   a7, a7, a6
    add.n   \sums, \sums, a6
    s32i.n  a7, a3, \offset
    s32i.n  \sums, a4, \offset
    .endm

    .macro add_pair offset, sums
    l32i.n  a6, a3, \offset
    extui   a7, \sums, 0, 16
    l32i.n  a5, a4, \offset
    add.n   a6, a6, a7
    extui   \sums, \sums, 16, 16
    s32i.n  a6, a3, \offset
    add.n   a5, a5, \sums
    s32i.n  a5, a4, \offset
    .endm

    .section .text.sum_products_2, "ax", @progbits
    .begin  no-transform
    .align  4
    .global sum_products_2
    .type   sum_products_2, @function
sum_products_2:
    enter
.Lchunk_2:
    start_chunk
    addi    a5, a2, 16
    bltu    a5, a6, .Lblock_2
    j       .Lhalf_2
.Lblock_2:
    l32i    a8, sp, AT_START
    mov.n   a9, a8
    mov.n   a10, a8
    mov.n   a11, a8
    mov.n   a12, a8
    mov.n   a13, a8
    mov.n   a14, a8
    mov.n   a15, a8
    nop.n
    taps_begin .Ltap_2
    l32i.n  a4, a3, 0
    extui   a5, a4, 0, 16
    addx4   a5, a5, a2
    srai    a4, a4, 16
    multiply_pair 0, a8, a9
    multiply_pair 8, a10, a11
    multiply_pair 16, a12, a13
    multiply_pair 24, a14, a15
    taps_next .Ltap_2
    l32i    a3, sp, AT_SUMS
    l32i    a4, sp, AT_STRIDE
    l32i    a5, sp, AT_FIRST
    add     a4, a3, a4
    beqz    a5, .Ladd_2
    l32i    a6, sp, AT_BASE
    store_pair 0, a8
    store_pair 4, a9
    store_pair 8, a10
    store_pair 12, a11
    store_pair 16, a12
    store_pair 20, a13
    store_pair 24, a14
    store_pair 28, a15
    j       .Lnext_2
.Ladd_2:
    add_pair 0, a8
    add_pair 4, a9
    add_pair 8, a10
    add_pair 12, a11
    add_pair 16, a12
    add_pair 20, a13
    add_pair 24, a14
    add_pair 28, a15
.Lnext_2:
    l32i    a6, sp, AT_STOP
    addi    a3, a3, 32
    addi    a2, a2, 32
    s32i    a3, sp, AT_SUMS
    bgeu    a2, a6, .Ldone_2
    addi    a5, a2, 16
    bgeu    a5, a6, .Lhalf_2
    j       .Lblock_2
.Ldone_2:
    next_chunk .Lchunk_2

.Lhalf_2: /* at most four words are left */
    l32i    a8, sp, AT_START
    mov.n   a9, a8
    mov.n   a10, a8
    mov.n   a11, a8
    nop.n
    taps_begin .Ltap_half
    l32i.n  a4, a3, 0
    extui   a5, a4, 0, 16
    addx4   a5, a5, a2
    srai    a4, a4, 16
    multiply_pair 0, a8, a9
    multiply_pair 8, a10, a11
    taps_next .Ltap_half
    l32i    a3, sp, AT_SUMS
    l32i    a4, sp, AT_STRIDE
    l32i    a5, sp, AT_FIRST
    add     a4, a3, a4
    beqz    a5, .Ladd_half
    l32i    a6, sp, AT_BASE
    store_pair 0, a8
    store_pair 4, a9
    store_pair 8, a10
    store_pair 12, a11
    j       .Ldone_2
.Ladd_half:
    add_pair 0, a8
    add_pair 4, a9
    add_pair 8, a10
    add_pair 12, a11
    j       .Ldone_2
    .end    no-transform
    .size   sum_products_2, . - sum_products_2

/* ---- four lanes: sums of whole words 0..3 in a8..a11, of their odd bytes in a12..a15, words in a2 ---- */

    .macro multiply_bytes offset, all, odd /* a0: mask of the odd bytes, shifted down */
    l32i.n  a6, a5, \offset
    srli    a7, a6, 8
    mull    a6, a6, a4
    and     a7, a7, a0
    mull    a7, a7, a4
    add.n   \all, \all, a6
    add.n   \odd, \odd, a7
    .endm

    .macro split_word all, odd /* a7: start. Even bytes' sums to \all, odd ones' to \odd. */
    slli    a0, \odd, 8
    sub     \all, \all, a0
    add.n   \odd, \odd, a7
    add.n   \all, \all, a7
    .endm

    .macro store_bytes all, odd /* a2..a5: where the lanes' sums go, a6: base, a7: bytes to the next word's */
    extui   a0, \all, 0, 16
    extui   \all, \all, 16, 16
    add.n   a0, a0, a6
    add.n   \all, \all, a6
    s32i.n  a0, a2, 0
    s32i.n  \all, a4, 0
    extui   a0, \odd, 0, 16
    extui   \odd, \odd, 16, 16
    add.n   a0, a0, a6
    add.n   \odd, \odd, a6
    s32i.n  a0, a3, 0
    s32i.n  \odd, a5, 0
    add.n   a2, a2, a7
    add.n   a3, a3, a7
    add.n   a4, a4, a7
    add.n   a5, a5, a7
    .endm

    .macro add_bytes all, odd
    l32i.n  a0, a2, 0
    extui   a6, \all, 0, 16
    add.n   a0, a0, a6
    s32i.n  a0, a2, 0
    l32i.n  a0, a4, 0
    extui   \all, \all, 16, 16
    add.n   a0, a0, \all
    s32i.n  a0, a4, 0
    l32i.n  a0, a3, 0
    extui   a6, \odd, 0, 16
    add.n   a0, a0, a6
    s32i.n  a0, a3, 0
    l32i.n  a0, a5, 0
    extui   \odd, \odd, 16, 16
    add.n   a0, a0, \odd
    s32i.n  a0, a5, 0
    add.n   a2, a2, a7
    add.n   a3, a3, a7
    add.n   a4, a4, a7
    add.n   a5, a5, a7
    .endm

    .section .text.sum_products_4, "ax", @progbits
    .literal_position
    .literal .Lodd_bytes, 0x00FF00FF
    .begin  no-transform
    .align  4
    .global sum_products_4
    .type   sum_products_4, @function
sum_products_4:
    enter
.Lchunk_4:
    start_chunk
    addi    a5, a2, 8
    bltu    a5, a6, .Lblock_4
    j       .Lword_4
.Lblock_4:
    s32i    a2, sp, AT_BLOCK
    movi.n  a8, 0
    movi.n  a9, 0
    movi.n  a10, 0
    movi.n  a11, 0
    movi.n  a12, 0
    movi.n  a13, 0
    movi.n  a14, 0
    movi.n  a15, 0
    l32r    a0, .Lodd_bytes
    nop.n
    taps_begin .Ltap_4, a5
    l32i.n  a4, a3, 0
    extui   a5, a4, 0, 16
    addx4   a5, a5, a2
    srai    a4, a4, 16
    multiply_bytes 0, a8, a12
    multiply_bytes 4, a9, a13
    multiply_bytes 8, a10, a14
    multiply_bytes 12, a11, a15
#if defined(SQZ_PORTABLE)
    l32i    a5, sp, AT_END
#endif
    taps_next .Ltap_4, a5
    l32i    a7, sp, AT_START
    split_word a8, a12
    split_word a9, a13
    split_word a10, a14
    split_word a11, a15
    l32i    a0, sp, AT_STRIDE
    l32i    a2, sp, AT_SUMS
    l32i    a7, sp, AT_STEP
    l32i    a6, sp, AT_FIRST
    add     a3, a2, a0
    add     a4, a3, a0
    add     a5, a4, a0
    beqz    a6, .Ladd_4
    l32i    a6, sp, AT_BASE
    store_bytes a8, a12
    store_bytes a9, a13
    store_bytes a10, a14
    store_bytes a11, a15
    j       .Lnext_4
.Ladd_4:
    add_bytes a8, a12
    add_bytes a9, a13
    add_bytes a10, a14
    add_bytes a11, a15
.Lnext_4:
    s32i    a2, sp, AT_SUMS
    l32i    a2, sp, AT_BLOCK
    l32i    a6, sp, AT_STOP
    addi    a2, a2, 16
    bgeu    a2, a6, .Ldone_4
    addi    a5, a2, 8
    bgeu    a5, a6, .Lword_4
    j       .Lblock_4
.Ldone_4:
    next_chunk .Lchunk_4

.Lword_4: /* one or two words are left */
    s32i    a2, sp, AT_BLOCK
    movi.n  a8, 0
    movi.n  a12, 0
    l32r    a0, .Lodd_bytes
    taps_begin .Ltap_word, a5
    l32i.n  a4, a3, 0
    extui   a5, a4, 0, 16
    addx4   a5, a5, a2
    srai    a4, a4, 16
    multiply_bytes 0, a8, a12
#if defined(SQZ_PORTABLE)
    l32i    a5, sp, AT_END
#endif
    taps_next .Ltap_word, a5
    l32i    a7, sp, AT_START
    split_word a8, a12
    l32i    a0, sp, AT_STRIDE
    l32i    a2, sp, AT_SUMS
    l32i    a7, sp, AT_STEP
    l32i    a6, sp, AT_FIRST
    add     a3, a2, a0
    add     a4, a3, a0
    add     a5, a4, a0
    beqz    a6, .Ladd_word
    l32i    a6, sp, AT_BASE
    store_bytes a8, a12
    j       .Lnext_word
.Ladd_word:
    add_bytes a8, a12
.Lnext_word:
    s32i    a2, sp, AT_SUMS
    l32i    a2, sp, AT_BLOCK
    l32i    a6, sp, AT_STOP
    addi    a2, a2, 4
    bltu    a2, a6, .Lto_word_4
    j       .Ldone_4
.Lto_word_4:
    j       .Lword_4
    .end    no-transform
    .size   sum_products_4, . - sum_products_4

#endif
