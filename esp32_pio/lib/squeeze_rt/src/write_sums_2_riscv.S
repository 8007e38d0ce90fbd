/*
 * What sum_products_2_riscv.S and sum_lists_2_riscv.S end a block of N words with, sqz_write_two_N: the sums of low
 * lanes and of high ones go where they belong; the first chunk's are stored, plus the base, others are added. a0 is
 * kept.
 */
#include "assembler.h"

#if SQZ_RISCV

#include "sum_taps_riscv.inc"

    .macro store_word at, sums
    and     a4, \sums, a3
    srli    \sums, \sums, 16
    add     a4, a4, a7
    add     \sums, \sums, a7
    sw      a4, \at(a1)
    sw      \sums, \at(a2)
    .endm

    .macro add_word at, sums
    lw      a4, \at(a1)
    lw      a5, \at(a2)
    and     a7, \sums, a3
    srli    \sums, \sums, 16
    add     a4, a4, a7
    add     a5, a5, \sums
    sw      a4, \at(a1)
    sw      a5, \at(a2)
    .endm

/* a1, a2: where the first of twenty words would be. */
    .macro entry words
    .global sqz_write_two_\words
    .type   sqz_write_two_\words, @function
sqz_write_two_\words:
    lw      a1, AT_SUMS(sp)
    lw      a2, AT_STRIDE(sp)
    lw      a5, AT_FIRST(sp)
    addi    a4, a1, 4 * \words
    addi    a1, a1, -4 * (20 - \words)
    add     a2, a2, a1
    sw      a4, AT_SUMS(sp)
    lw      a7, AT_BASE(sp)
    li      a3, 0xFFFF
    bnez    a5, .Lstore_\words
    j       .Ladd_\words
    .endm

    .macro twenty_words operation
.L\operation\()_20:
    \operation\()_word 0, t0
    \operation\()_word 4, t1
    \operation\()_word 8, t2
    \operation\()_word 12, t3
.L\operation\()_16:
    \operation\()_word 16, t4
    \operation\()_word 20, t5
    \operation\()_word 24, t6
    \operation\()_word 28, a6
    \operation\()_word 32, s2
    \operation\()_word 36, s3
    \operation\()_word 40, s4
    \operation\()_word 44, s5
.L\operation\()_8:
    \operation\()_word 48, s6
    \operation\()_word 52, s7
    \operation\()_word 56, s8
    \operation\()_word 60, s9
.L\operation\()_4:
    \operation\()_word 64, s10
.L\operation\()_3:
    \operation\()_word 68, s11
    \operation\()_word 72, s0
    \operation\()_word 76, s1
    ret
    .endm

    .section .text.sqz_write_sums_2, "ax", @progbits
    .align  2
    .irp    words, 20, 16, 8, 4, 3
    entry   \words
    .endr
    twenty_words store
    twenty_words add

/* All four kernels of sums end here. */
    .global sqz_sums_done
    .type   sqz_sums_done, @function
sqz_sums_done:
    .set    saved, AT_SAVED
    .irp    register, ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
    lw      \register, saved(sp)
    .set    saved, saved + 4
    .endr
    addi    sp, sp, FRAME
    ret

#endif
