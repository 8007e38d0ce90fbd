/*
 * The same as write_sums_2_riscv.S in four lanes: sqz_write_four_N ends a block of N words, whose sums are those of
 * whole words and those of their odd bytes; they are stored, plus the base a7, where s0 is not 0, else added. a1 to a4:
 * where the lanes' sums of the first word go; a6: bytes to the next word's, to which they are moved. In s1: 0xFFFF, in
 * s2: what lanes start from. a0 and a6 are kept.
 */
#include "assembler.h"

#if SQZ_RISCV

#include "sum_taps_riscv.inc"

    .macro store_lane to, lane
    add     \lane, \lane, a7
    sw      \lane, 0(\to)
    add     \to, \to, a6
    .endm

    .macro add_lane to, lane
    lw      a7, 0(\to)
    add     a7, a7, \lane
    sw      a7, 0(\to)
    add     \to, \to, a6
    .endm

    .macro split_word operation, all, odd
    slli    a5, \odd, 8
    sub     \all, \all, a5
    add     \odd, \odd, s2
    add     \all, \all, s2
    and     a5, \all, s1
    srli    \all, \all, 16
    \operation a1, a5
    \operation a3, \all
    and     a5, \odd, s1
    srli    \odd, \odd, 16
    \operation a2, a5
    \operation a4, \odd
    .endm

    .macro entry words
    .global sqz_write_four_\words
    .type   sqz_write_four_\words, @function
sqz_write_four_\words:
    .endm

    .section .text.sqz_write_sums_4, "ax", @progbits
    .align  2
    entry   8
    sw      ra, AT_LINK(sp)
    jal     sqz_write_four_4
    mv      t3, s11
    mv      t4, t0
    mv      t5, t1
    mv      t6, t2
    mv      s7, s3
    mv      s8, s4
    mv      s9, s5
    mv      s10, s6
    lw      ra, AT_LINK(sp)
    entry   4
    beqz    s0, .Ladd_4
    split_word store_lane, t3, s7
    split_word store_lane, t4, s8
    split_word store_lane, t5, s9
.Lstore_1:
    split_word store_lane, t6, s10
    ret
    entry   1
    bnez    s0, .Lstore_1
    j       .Ladd_1
.Ladd_4:
    split_word add_lane, t3, s7
    split_word add_lane, t4, s8
    split_word add_lane, t5, s9
.Ladd_1:
    split_word add_lane, t6, s10
    ret

#endif
