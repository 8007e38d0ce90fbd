/*
 * sqz_sum_lists_2 (tap_lists.h), two lanes of 16 bits: the sums of words 0..7 are in a8..a15, the words at a2.
 *
 * A block's sums are multiplied modulo 2^32 while it goes from list to list. What comes after a multiplication counts
 * by what is left: 3 x 2 for the list of -6 counts -1/7 x 7/5 x 5/3 x 3, that is -6. The lanes' start goes through all
 * of it: through -3, or, on the shift grid, where most of it is left out, through -1.
 */
#if defined(__XTENSA__)

#include "sum_lists_xtensa.inc"

    .macro add_two offset, operation, first, second
    l32i.n  a6, a5, \offset
    l32i.n  a7, a5, \offset + 4
    \operation \first, a6
    \operation \second, a7
    .endm

    .macro double sum, word
    addx2   \sum, \word, \sum
    .endm

    .macro quadruple sum, word
    addx4   \sum, \word, \sum
    .endm

    .macro octuple sum, word
    addx8   \sum, \word, \sum
    .endm

    .macro list_of_eight number, operation
    list_begin a0, \number, .Leight\@
    add_two 0, \operation, a8, a9
    add_two 8, \operation, a10, a11
    add_two 16, \operation, a12, a13
    add_two 24, \operation, a14, a15
    list_next .Leight\@
    .endm

    .macro multiply_sums by
    l32r    a6, \by
    mull    a8, a8, a6
    mull    a9, a9, a6
    mull    a10, a10, a6
    mull    a11, a11, a6
    mull    a12, a12, a6
    mull    a13, a13, a6
    mull    a14, a14, a6
    mull    a15, a15, a6
    .endm

    .macro triple_sums
    addx2   a8, a8, a8
    addx2   a9, a9, a9
    addx2   a10, a10, a10
    addx2   a11, a11, a11
    addx2   a12, a12, a12
    addx2   a13, a13, a13
    addx2   a14, a14, a14
    addx2   a15, a15, a15
    .endm

    .macro negate_sums
    neg     a8, a8
    neg     a9, a9
    neg     a10, a10
    neg     a11, a11
    neg     a12, a12
    neg     a13, a13
    neg     a14, a14
    neg     a15, a15
    .endm

    .macro list_of_four number, operation
    list_begin a14, \number, .Lfour\@
    add_two 0, \operation, a8, a9
    add_two 8, \operation, a10, a11
    list_next .Lfour\@
    .endm

    .macro list_of_two number, operation
    list_begin a14, \number, .Ltwo\@
    add_two 0, \operation, a8, a9
    list_next .Ltwo\@
    .endm

    list_pairs
    .section .text.sqz_sum_lists_2, "ax", @progbits
    .literal_position
    .literal .Lminus_third, 0x55555555
    .literal .Lminus_seventh, 0x49249249
    .literal .Lseven_fifths, 0x9999999B
    .literal .Lfive_thirds, 0x55555557
    .literal .Lpairs_at, .Lpairs
    .begin  no-transform
    .align  4
    .global sqz_sum_lists_2
    .type   sqz_sum_lists_2, @function
sqz_sum_lists_2:
    enter_lists
.Lchunk:
    start_lists
    l32i.n  a4, sp, AT_ALONE
    l32i.n  a3, sp, AT_SHIFT_GRID
    l32r    a7, .Lminus_third
    mull    a7, a4, a7
    neg     a4, a4
    moveqz  a4, a7, a3
    s32i.n  a4, sp, AT_START
    addi    a5, a6, -16
    s32i    a5, sp, AT_HALF
    bltu    a2, a5, .Lblock
    j       .Lrest
.Lblock:
    l32i.n  a0, sp, AT_MARKS
    l32i.n  a8, sp, AT_START
    mov     a9, a8 /* not all are short, for where loops begin */
    mov.n   a10, a8
    mov.n   a11, a8
    mov.n   a12, a8
    mov.n   a13, a8
    mov.n   a14, a8
    mov.n   a15, a8
    l32i.n  a5, sp, AT_SHIFT_GRID
    bnez    a5, .Lwithout_6
    list_of_eight 13, double /* -6 */
    triple_sums
.Lwithout_6:
    list_of_eight 5, double /* -2 */
    list_of_eight 9, quadruple
    l32i.n  a5, sp, AT_SHIFT_GRID
    bnez    a5, .Lminus_8
    multiply_sums .Lminus_seventh
    list_of_eight 14, plus /* 7 */
    list_of_eight 15, minus
    multiply_sums .Lseven_fifths
    list_of_eight 10, plus /* 5 */
    list_of_eight 11, minus
    multiply_sums .Lfive_thirds
    nop.n /* loops begin within a word */
    list_of_eight 6, plus /* 3 */
    list_of_eight 7, minus
    list_of_eight 12, double
    triple_sums
.Lones:
    list_of_eight 2, plus /* 1 */
    list_of_eight 3, minus
    list_of_eight 4, double
    list_of_eight 8, quadruple
    l32i.n  a5, sp, AT_SHIFT_GRID
    bnez    a5, .Leights
.Lsummed:
    call0   sqz_write_sums_8
    l32i    a6, sp, AT_HALF
    addi    a3, a3, 32
    addi    a2, a2, 32
    s32i    a3, sp, AT_SUMS
    bgeu    a2, a6, .Lrest
    j       .Lblock

.Lrest: /* at most four words are left */
    l32i    a6, sp, AT_STOP
    bltu    a2, a6, .Lpairs_begin
.Ldone:
    next_lists .Lchunk
.Lpairs_begin:
    pairs_of a12, a13, a7
    l32i.n  a0, sp, AT_MARKS
    addi    a5, a2, 8
    movi.n  a8, 0
    movi.n  a9, 0
    bltu    a5, a6, .Lfour
    j       .Lpair_of_two
.Lfour:
    movi    a10, 0 /* not all are short, for where loops begin */
    movi    a11, 0
.Lpair_of_four:
    l32i.n  a6, a12, 0
    l32i.n  a14, a12, 4
    mull    a8, a8, a6
    add.n   a14, a14, a0
    mull    a9, a9, a6
    mull    a10, a10, a6
    mull    a11, a11, a6
    addi    a12, a12, 8
    list_of_four 0, plus
    list_of_four 1, minus
    bltu    a12, a13, .Lpair_of_four
    l32i.n  a7, sp, AT_ALONE
    add.n   a8, a8, a7
    add.n   a9, a9, a7
    add     a10, a10, a7
    add     a11, a11, a7
    call0   sqz_write_sums_4
    j       .Ldone
.Lpair_of_two:
    l32i.n  a6, a12, 0
    l32i.n  a14, a12, 4
    mull    a8, a8, a6
    add.n   a14, a14, a0
    mull    a9, a9, a6
    addi    a12, a12, 8
    list_of_two 0, plus
    list_of_two 1, minus
    bltu    a12, a13, .Lpair_of_two
    l32i.n  a7, sp, AT_ALONE
    add.n   a8, a8, a7
    add.n   a9, a9, a7
    call0   sqz_write_sums_2
    j       .Ldone

.Lminus_8:
    list_of_eight 7, octuple
    negate_sums
    j       .Lones
.Leights:
    list_of_eight 6, octuple
    j       .Lsummed
    .end    no-transform
    .size   sqz_sum_lists_2, . - sqz_sum_lists_2

#endif
