/* sqz_sum_lists_4 (tap_lists.h), four lanes of 8 bits; in s1 the mask of odd bytes, shifted down. */
#include "assembler.h"

#if SQZ_RISCV

#include "sum_lists_riscv.inc"

    .macro add_words operation, at, all, odd, next_all, next_odd
    lw      a4, \at(a3)
    lw      s0, \at + 4(a3)
    srli    a5, a4, 8
    \operation \all, \all, a4
    srli    a4, s0, 8
    and     a5, a5, s1
    and     a4, a4, s1
    \operation \odd, \odd, a5
    \operation \next_all, \next_all, s0
    \operation \next_odd, \next_odd, a4
    .endm

    .macro list_of_8 operation, at, end
    list_begin .Leight_\operation, \at, \end
    add_words \operation, 0, t3, s7, t4, s8
    add_words \operation, 8, t5, s9, t6, s10
    add_words \operation, 16, s11, s3, t0, s4
    add_words \operation, 24, t1, s5, t2, s6
    list_next .Leight_\operation, \at, \end
    .endm

    .macro list_of_4 operation, at, end
    list_begin .Lfour_\operation, \at, \end
    add_words \operation, 0, t3, s7, t4, s8
    add_words \operation, 8, t5, s9, t6, s10
    list_next .Lfour_\operation, \at, \end
    .endm

    .macro list_of_1 operation, at, end
    list_begin .Lone_\operation, \at, \end
    lw      a4, 0(a3)
    srli    a5, a4, 8
    and     a5, a5, s1
    \operation t6, t6, a4
    \operation s10, s10, a5
    list_next .Lone_\operation, \at, \end
    .endm

    .macro block words, sums:vararg
.Lblock_\words:
    li      s1, 0x00FF00FF
    pairs_begin \words
    multiply_all a4, \sums
    pair_of_lists a2, a1, a6, s2
    list_of_\words add, a2, a1
    list_of_\words sub, a6, s2
    pairs_next \words
    split_four \words
    .endm

    .section .text.sqz_sum_lists_4, "ax", @progbits
    .align  2
    .global sqz_sum_lists_4
    .type   sqz_sum_lists_4, @function
sqz_sum_lists_4:
    enter_lists
.Lchunk: /* whose lists begin by the marks at a1 */
    sw      a1, AT_MARKS(sp)
    lw      a4, MARKS_BYTES + 4(a1)
    start_chunk
.Lchoose:
    sw      a5, AT_LEFT(sp)
    addi    a4, a5, -4
    bgtz    a4, .Lblock_8
    addi    a4, a5, -1
    bgtz    a4, .Lblock_4
    j       .Lblock_1
    block   8, ALL_8, ODD_8
    next_block 8, .Lchoose
.Lchunk_done:
    lw      a1, AT_MARKS(sp)
    sw      zero, AT_FIRST(sp)
    addi    a1, a1, MARKS_BYTES
    lw      a4, 0(a1)
    bnez    a4, .Lchunk
    j       sqz_sums_done
    block   4, ALL_4, ODD_4
    j       .Lchunk_done
    block   1, ALL_1, ODD_1
    j       .Lchunk_done
    .size   sqz_sum_lists_4, . - sqz_sum_lists_4

#endif
