/*
 * sqz_sum_products_4 (sum_taps.h), four lanes of 8 bits: the sums of whole words 0..3 are in a8..a11, those of their
 * odd bytes in a12..a15, the words at a2.
 */
#if defined(__XTENSA__)

#include "sum_taps_xtensa.inc"

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

    .section .text.sqz_sum_products_4, "ax", @progbits
    .literal_position
    .literal .Lodd_bytes, 0x00FF00FF
    .begin  no-transform
    .align  4
    .global sqz_sum_products_4
    .type   sqz_sum_products_4, @function
sqz_sum_products_4:
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
    .size   sqz_sum_products_4, . - sqz_sum_products_4

#endif
