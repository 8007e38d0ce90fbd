/* sqz_sum_lists_2 (tap_lists.h), two lanes of 16 bits: the sums of words 0..7 are in a8..a15, the words at a2. */
#if defined(__XTENSA__)

#include "sum_lists_xtensa.inc"

    .macro add_two offset, operation, first, second
    l32i.n  a6, a5, \offset
    l32i.n  a7, a5, \offset + 4
    \operation \first, a6
    \operation \second, a7
    .endm

    .macro list_of_eight number, operation
    list_begin a0, \number, .Leight\@
    add_two 0, \operation, a8, a9
    add_two 8, \operation, a10, a11
    add_two 16, \operation, a12, a13
    add_two 24, \operation, a14, a15
    list_next .Leight\@
    .endm

    .macro multiply_eight by
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

    .macro triple_eight
    addx2   a8, a8, a8
    addx2   a9, a9, a9
    addx2   a10, a10, a10
    addx2   a11, a11, a11
    addx2   a12, a12, a12
    addx2   a13, a13, a13
    addx2   a14, a14, a14
    addx2   a15, a15, a15
    .endm

    .macro list_of_four number, operation
    list_begin a14, \number, .Lfour\@
    add_two 0, \operation, a8, a9
    add_two 8, \operation, a10, a11
    list_next .Lfour\@
    .endm

/*
 * For half a block the lists are gone through in pairs: of 4 and -4, of 6, 2, 7, 5, 3, 1. Before a pair, sums are
 * multiplied by the last pair's number / this one's, modulo 2^32: a pair's number is even no more often than the last
 * one's. Of each pair: the multiplier, and where the marks are.
 */
    .section .rodata.sqz_list_pairs, "a", @progbits
    .align  4
.Lpairs:
    .word   1, 4 * 8
    .word   0x55555556, 4 * 12 /* 2/3 */
    .word   3, 4 * 4
    .word   0x6DB6DB6E, 4 * 14 /* 2/7 */
    .word   0x9999999B, 4 * 10 /* 7/5 */
    .word   0x55555557, 4 * 6 /* 5/3 */
    .word   3, 4 * 2
#define PAIRS_BYTES 56

    .section .text.sqz_sum_lists_2, "ax", @progbits
    .literal_position
    list_literals
    .literal .Lpairs_at, .Lpairs
    .begin  no-transform
    .align  4
    .global sqz_sum_lists_2
    .type   sqz_sum_lists_2, @function
sqz_sum_lists_2:
    enter
    addi    a3, a3, MARKS - 32
    addi    a3, a3, 32
.Lchunk:
    start_lists
    mov.n   a0, a3
    addi    a5, a6, -16
    s32i    a5, sp, AT_HALF
    bltu    a2, a5, .Lblock
    j       .Lhalf
.Lblock:
    l32i    a8, sp, AT_START
    mov     a9, a8 /* a long one, for where loops begin */
    mov.n   a10, a8
    mov.n   a11, a8
    mov.n   a12, a8
    mov.n   a13, a8
    mov.n   a14, a8
    mov.n   a15, a8
    sum_all_lists list_of_eight, multiply_eight, triple_eight
    l32i    a3, sp, AT_SUMS
    l32i    a4, sp, AT_STRIDE
    l32i    a5, sp, AT_FIRST
    add     a4, a3, a4
    beqz    a5, .Ladd
    l32i    a6, sp, AT_BASE
    store_pair 0, a8
    store_pair 4, a9
    store_pair 8, a10
    store_pair 12, a11
    store_pair 16, a12
    store_pair 20, a13
    store_pair 24, a14
    store_pair 28, a15
    j       .Lnext
.Ladd:
    add_pair 0, a8
    add_pair 4, a9
    add_pair 8, a10
    add_pair 12, a11
    add_pair 16, a12
    add_pair 20, a13
    add_pair 24, a14
    add_pair 28, a15
.Lnext:
    l32i    a6, sp, AT_HALF
    addi    a3, a3, 32
    addi    a2, a2, 32
    s32i    a3, sp, AT_SUMS
    bgeu    a2, a6, .Lrest
    j       .Lblock
.Lrest:
    l32i    a6, sp, AT_STOP
    bltu    a2, a6, .Lhalf
.Ldone:
    next_lists .Lchunk

.Lhalf: /* at most four words are left */
    movi.n  a8, 0
    movi.n  a9, 0
    movi.n  a10, 0
    movi.n  a11, 0
    l32r    a12, .Lpairs_at
    addi    a13, a12, PAIRS_BYTES
.Lpair:
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
    bltu    a12, a13, .Lpair
    l32i    a7, sp, AT_START
    movi.n  a6, -3
    mull    a7, a7, a6
    add.n   a8, a8, a7
    add.n   a9, a9, a7
    add.n   a10, a10, a7
    add.n   a11, a11, a7
    l32i    a3, sp, AT_SUMS
    l32i    a4, sp, AT_STRIDE
    l32i    a5, sp, AT_FIRST
    add     a4, a3, a4
    beqz    a5, .Ladd_half
    l32i    a6, sp, AT_BASE
    store_pair 0, a8
    store_pair 4, a9
    store_pair 8, a10
    store_pair 12, a11
    j       .Ldone
.Ladd_half:
    add_pair 0, a8
    add_pair 4, a9
    add_pair 8, a10
    add_pair 12, a11
    j       .Ldone
    .end    no-transform
    .size   sqz_sum_lists_2, . - sqz_sum_lists_2

#endif
