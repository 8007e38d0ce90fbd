/*
 * Where the sums of two lanes of 16 bits go, for sum_products_2_xtensa.S and sum_lists_2_xtensa.S: those of eight, four
 * or two words, which are in a8..a15, are stored plus the base, or added to what is there. By CALL0 with the frame of
 * sum_taps_xtensa.inc; a3 becomes AT_SUMS, a4..a15 are overwritten.
 */
#if defined(__XTENSA__)

#include "sum_taps_xtensa.inc"

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

    .macro write_sums name, add
    .align  4
    .global \name
    .type   \name, @function
\name:
    l32i    a3, sp, AT_SUMS
    l32i    a4, sp, AT_STRIDE
    l32i    a5, sp, AT_FIRST
    add     a4, a3, a4
    beqz    a5, \add
    l32i    a6, sp, AT_BASE
    .endm

    .section .text.sqz_write_sums, "ax", @progbits
    .begin  no-transform
    write_sums sqz_write_sums_8, .Ladd_8
    store_pair 16, a12
    store_pair 20, a13
    store_pair 24, a14
    store_pair 28, a15
.Lstore_4:
    store_pair 8, a10
    store_pair 12, a11
.Lstore_2:
    store_pair 0, a8
    store_pair 4, a9
    ret.n
.Ladd_8:
    add_pair 16, a12
    add_pair 20, a13
    add_pair 24, a14
    add_pair 28, a15
.Ladd_4:
    add_pair 8, a10
    add_pair 12, a11
.Ladd_2:
    add_pair 0, a8
    add_pair 4, a9
    ret.n
    write_sums sqz_write_sums_4, .Ladd_4
    j       .Lstore_4
    write_sums sqz_write_sums_2, .Ladd_2
    j       .Lstore_2
    .end    no-transform

#endif
