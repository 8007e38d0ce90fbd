/*
 * sqz_sum_lists_4 (tap_lists.h), four lanes of 8 bits: the sums of whole words 0..3 are in a8..a11, those of their odd
 * bytes in a12..a15, the words at a2.
 */
#if defined(__XTENSA__)

#include "sum_lists_xtensa.inc"

    .macro add_four load, offset, operation, all, odd /* a0: mask of the odd bytes, shifted down */
    \load   a6, a5, \offset
    srli    a7, a6, 8
    and     a7, a7, a0
    \operation \all, a6
    \operation \odd, a7
    .endm

    .macro list_of_words number, operation
    l32i.n  a4, sp, AT_MARKS
    list_begin a4, \number, .Llist\@
    add_four l32i.n, 0, \operation, a8, a12
    add_four l32i.n, 4, \operation, a9, a13
    add_four l32i, 8, \operation, a10, a14
    add_four l32i, 12, \operation, a11, a15
    list_next .Llist\@
    .endm

    .macro multiply_words by
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

    .macro triple_words
    addx2   a8, a8, a8
    addx2   a9, a9, a9
    addx2   a10, a10, a10
    addx2   a11, a11, a11
    addx2   a12, a12, a12
    addx2   a13, a13, a13
    addx2   a14, a14, a14
    addx2   a15, a15, a15
    .endm

    .macro take_out all, odd /* the odd bytes' sums */
    slli    a0, \odd, 8
    sub     \all, \all, a0
    .endm

    .section .text.sqz_sum_lists_4, "ax", @progbits
    .literal_position
    list_literals
    .literal .Lodd_bytes, 0x00FF00FF
    .begin  no-transform
    .align  4
    .global sqz_sum_lists_4
    .type   sqz_sum_lists_4, @function
sqz_sum_lists_4:
    enter
    addi    a3, a3, MARKS - 32
    addi    a3, a3, 32
.Lchunk:
    start_lists
.Lblock:
    s32i    a2, sp, AT_BLOCK
    l32i    a12, sp, AT_START
    l32r    a0, .Lodd_bytes
    slli    a8, a12, 8
    mov.n   a13, a12
    mov.n   a14, a12
    mov.n   a15, a12
    add.n   a8, a8, a12
    mov.n   a9, a8
    mov.n   a10, a8
    mov.n   a11, a8
    sum_all_lists list_of_words, multiply_words, triple_words
    l32i    a0, sp, AT_STRIDE
    l32i    a2, sp, AT_SUMS
    l32i    a7, sp, AT_STEP
    l32i    a6, sp, AT_FIRST
    add     a3, a2, a0
    add     a4, a3, a0
    add     a5, a4, a0
    take_out a8, a12
    take_out a9, a13
    take_out a10, a14
    take_out a11, a15
    beqz    a6, .Ladd
    l32i    a6, sp, AT_BASE
    store_bytes a8, a12
    store_bytes a9, a13
    store_bytes a10, a14
    store_bytes a11, a15
    j       .Lnext
.Ladd:
    add_bytes a8, a12
    add_bytes a9, a13
    add_bytes a10, a14
    add_bytes a11, a15
.Lnext:
    s32i    a2, sp, AT_SUMS
    l32i    a2, sp, AT_BLOCK
    l32i    a6, sp, AT_STOP
    addi    a2, a2, 16
    bgeu    a2, a6, .Ldone
    j       .Lblock
.Ldone:
    next_lists .Lchunk
    .end    no-transform
    .size   sqz_sum_lists_4, . - sqz_sum_lists_4

#endif
