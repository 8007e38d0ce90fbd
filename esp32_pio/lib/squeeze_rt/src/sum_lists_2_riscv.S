/* sqz_sum_lists_2 (tap_lists.h), two lanes of 16 bits. */
#include "assembler.h"

#if SQZ_RISCV

#include "sum_lists_riscv.inc"

    .macro add_words operation, at, first, second, more:vararg
    lw      a4, \at(a3)
    .ifnb   \second
    lw      a5, \at + 4(a3)
    .endif
    \operation \first, \first, a4
    .ifnb   \second
    \operation \second, \second, a5
    .endif
    .ifnb   \more
    add_words \operation, (\at + 8), \more
    .endif
    .endm

    .macro list operation, label, at, end, sums:vararg
    list_begin \label, \at, \end
    add_words \operation, 0, \sums
    list_next \label, \at, \end
    .endm

    .macro add_start first, more:vararg
    add     \first, \first, a4
    .ifnb   \more
    add_start \more
    .endif
    .endm

    .macro block words, sums:vararg
.Lblock_\words:
    pairs_begin \words
    multiply_all a4, \sums
    .if     \words == 20 /* takes the registers */
    lw      a3, 0(ra)
    add     a3, a3, a7
    lw      a2, 0(a3)
    lw      a1, MARKS_BYTES(a3)
    list    add, .Lplus_\words, a2, a1, \sums
    lw      a3, 0(ra)
    add     a3, a3, a7
    lw      a2, 4(a3)
    lw      a1, MARKS_BYTES + 4(a3)
    list    sub, .Lminus_\words, a2, a1, \sums
    .else
    pair_of_lists a2, a1, t0, t1
    list    add, .Lplus_\words, a2, a1, \sums
    list    sub, .Lminus_\words, t0, t1, \sums
    .endif
    pairs_next \words
    lw      a4, AT_START(sp)
    add_start \sums
    jal     sqz_write_two_\words
    .endm

    .section .text.sqz_sum_lists_2, "ax", @progbits
    .align  2
    .global sqz_sum_lists_2
    .type   sqz_sum_lists_2, @function
sqz_sum_lists_2:
    enter_lists
.Lchunk: /* whose lists begin by the marks at a1 */
    sw      a1, AT_MARKS(sp)
    lw      a4, MARKS_BYTES + 4(a1)
    start_chunk
.Lchoose:
    choose_block
    block   20, LAST_20
    next_block 20, .Lchoose
.Lchunk_done:
    lw      a1, AT_MARKS(sp)
    sw      zero, AT_FIRST(sp)
    addi    a1, a1, MARKS_BYTES
    lw      a4, 0(a1)
    bnez    a4, .Lchunk
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
    .size   sqz_sum_lists_2, . - sqz_sum_lists_2

#endif
