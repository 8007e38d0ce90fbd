/* sqz_sum_products_4 (sum_taps.h), four lanes of 8 bits; the words at a0, in s1 the mask of odd bytes, shifted down. */
#include "assembler.h"

#if SQZ_RISCV

#include "sum_taps_riscv.inc"

    .macro multiply_word at, all, odd
    lw      a4, \at(a3)
    srli    a5, a4, 8
    mul     a4, a4, a7
    and     a5, a5, s1
    mul     a5, a5, a7
    add     \all, \all, a4
    add     \odd, \odd, a5
    .endm

    .macro tap_begin words
    lw      a2, AT_TAPS(sp)
    lw      a1, AT_END(sp)
    li      s1, 0x00FF00FF
    beq     a2, a1, .Lsummed_\words
.Ltap_\words:
    lhu     a3, 0(a2)
    lh      a7, 2(a2)
    addi    a2, a2, 4
    slli    a3, a3, 2
    add     a3, a3, a0
    .endm

    .macro tap_next words
    bne     a2, a1, .Ltap_\words
.Lsummed_\words:
    split_four \words
    .endm

    .section .text.sqz_sum_products_4, "ax", @progbits
    .align  2
    .global sqz_sum_products_4
    .type   sqz_sum_products_4, @function
sqz_sum_products_4:
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
.Lchoose: /* blocks of eight words, of four, and words one by one, as long as no more than two are left */
    sw      a5, AT_LEFT(sp)
    addi    a4, a5, -4
    bgtz    a4, .Lblock_8
    addi    a4, a5, -2
    bgtz    a4, .Lblock_4
    j       .Lblock_1
.Lblock_8:
    set_all zero, ALL_8
    set_all zero, ODD_8
    tap_begin 8
    multiply_word 0, t3, s7
    multiply_word 4, t4, s8
    multiply_word 8, t5, s9
    multiply_word 12, t6, s10
    multiply_word 16, s11, s3
    multiply_word 20, t0, s4
    multiply_word 24, t1, s5
    multiply_word 28, t2, s6
    tap_next 8
    next_block 8, .Lchoose
.Lchunk_done:
    lw      a4, AT_HEADER(sp)
    lw      a1, AT_END(sp)
    sw      zero, AT_FIRST(sp)
    lw      a5, 0(a4)
    bnez    a5, .Lchunk
    j       sqz_sums_done
.Lblock_4:
    set_all zero, ALL_4
    set_all zero, ODD_4
    tap_begin 4
    multiply_word 0, t3, s7
    multiply_word 4, t4, s8
    multiply_word 8, t5, s9
    multiply_word 12, t6, s10
    tap_next 4
    j       .Lchunk_done
.Lblock_1:
    set_all zero, ALL_1
    set_all zero, ODD_1
    tap_begin 1
    multiply_word 0, t6, s10
    tap_next 1
    next_block 1, .Lchoose
    j       .Lchunk_done
    .size   sqz_sum_products_4, . - sqz_sum_products_4

#endif
