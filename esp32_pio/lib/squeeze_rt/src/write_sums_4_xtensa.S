/*
 * Where the sums of four lanes of 8 bits go, for sum_products_4_xtensa.S and sum_lists_4_xtensa.S: those of four whole
 * words, which are in a8..a11, and of their odd bytes, in a12..a15, or of the last one of them alone, are taken
 * apart, and stored plus the base or added to what is there. By CALL0 with the frame of sum_taps_xtensa.inc; AT_SUMS
 * becomes that of the next word, a2..a15 are overwritten.
 */
#if defined(__XTENSA__)

#include "sum_taps_xtensa.inc"

    .macro take_out all, odd /* the odd bytes' sums */
    slli    a0, \odd, 8
    sub     \all, \all, a0
    .endm

    .macro store_bytes all, odd /* a2..a5: where the lanes' sums go, a6: base, a7: bytes to the next word's */
    take_out \all, \odd
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
    .endm

    .macro add_bytes all, odd
    take_out \all, \odd
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
    .endm

    .macro next_word
    add.n   a3, a3, a7
    add.n   a4, a4, a7
    add.n   a5, a5, a7
    .endm

    .macro write_bytes name, add
    .align  4
    .global \name
    .type   \name, @function
\name:
    s32i    a0, sp, AT_RETURN
    l32i    a0, sp, AT_STRIDE
    l32i    a2, sp, AT_SUMS
    l32i    a7, sp, AT_STEP
    l32i    a6, sp, AT_FIRST
    add     a3, a2, a0
    add     a4, a3, a0
    add     a5, a4, a0
    beqz    a6, \add
    l32i    a6, sp, AT_BASE
    .endm

    .section .text.sqz_write_bytes, "ax", @progbits
    .begin  no-transform
    write_bytes sqz_write_bytes_4, .Ladd_4
    store_bytes a8, a12
    next_word
    store_bytes a9, a13
    next_word
    store_bytes a10, a14
    next_word
.Lstore_1:
    store_bytes a11, a15
.Lreturn:
    l32i    a0, sp, AT_RETURN
    s32i    a2, sp, AT_SUMS
    ret.n
.Ladd_4:
    add_bytes a8, a12
    next_word
    add_bytes a9, a13
    next_word
    add_bytes a10, a14
    next_word
.Ladd_1:
    add_bytes a11, a15
    j       .Lreturn
    write_bytes sqz_write_bytes_1, .Ladd_1
    j       .Lstore_1
    .end    no-transform

#endif
