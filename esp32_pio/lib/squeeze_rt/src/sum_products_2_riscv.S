/* sqz_sum_products_2 (sum_taps.h), two lanes of 16 bits; the words at a0. */
#include "assembler.h"

#if SQZ_RISCV

#include "sum_taps_riscv.inc"

    .macro multiply_words at, first, second, more:vararg
    lw      a4, \at(a3)
    .ifnb   \second
    lw      a5, \at + 4(a3)
    .endif
    mul     a4, a4, a7
    .ifnb   \second
    mul     a5, a5, a7
    .endif
    add     \first, \first, a4
    .ifnb   \second
    add     \second, \second, a5
    .endif
    .ifnb   \more
    multiply_words (\at + 8), \more
    .endif
    .endm

    .macro block words, sums:vararg
.Lblock_\words:
    lw      a4, AT_START(sp)
    lw      a2, AT_TAPS(sp)
    lw      a1, AT_END(sp)
    set_all a4, \sums
    beq     a2, a1, .Lsummed_\words
.Ltap_\words:
    lhu     a3, 0(a2)
    lh      a7, 2(a2)
    addi    a2, a2, 4
    slli    a3, a3, 2
    add     a3, a3, a0
    multiply_words 0, \sums
    bne     a2, a1, .Ltap_\words
.Lsummed_\words:
    jal     sqz_write_two_\words
    .endm

    .section .text.sqz_sum_products_2, "ax", @progbits
    .align  2
    .global sqz_sum_products_2
    .type   sqz_sum_products_2, @function
sqz_sum_products_2:
    enter
    lw      a5, 0(a1)
    addi    a4, a1, -4
    slli    a5, a5, 2
    add     a1, a1, a5
.Lchunk: /* whose taps are at a1 and whose header is at a4 */
    addi    a3, a4, -4
    lhu     a5, 0(a4)
    lhu     a4, 2(a4)
    sw      a3, AT_HEADER(sp)
    sw      a1, AT_TAPS(sp)
    slli    a5, a5, 2
    add     a1, a1, a5
    sw      a1, AT_END(sp)
    start_chunk
.Lchoose:
    choose_block
    block   20, LAST_20
    next_block 20, .Lchoose
.Lchunk_done:
    lw      a4, AT_HEADER(sp)
    lw      a1, AT_END(sp)
    sw      zero, AT_FIRST(sp)
    lw      a5, 0(a4)
    bnez    a5, .Lchunk
    j       sqz_sums_done
    block   16, LAST_16
    next_block 16, .Lchoose
    j       .Lchunk_done
    block   8, LAST_8
    next_block 8, .Lchoose
    j       .Lchunk_done
    block   4, LAST_4
    j       .Lchunk_done
    block   3, LAST_3
    j       .Lchunk_done
    .size   sqz_sum_products_2, . - sqz_sum_products_2

#endif
