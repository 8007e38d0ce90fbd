/* sqz_sum_products_2 (sum_taps.h), two lanes of 16 bits: the sums of words 0..7 are in a8..a15, the words at a2. */
#if defined(__XTENSA__)

#include "sum_taps_xtensa.inc"

    .macro multiply_pair offset, first, second
    l32i.n  a6, a5, \offset
    l32i.n  a7, a5, \offset + 4
    mull    a6, a6, a4
    mull    a7, a7, a4
    add.n   \first, \first, a6
    add.n   \second, \second, a7
    .endm

    .section .text.sqz_sum_products_2, "ax", @progbits
    .begin  no-transform
    .align  4
    .global sqz_sum_products_2
    .type   sqz_sum_products_2, @function
sqz_sum_products_2:
    enter
.Lchunk_2:
    start_chunk
    addi    a5, a6, -16
    s32i    a5, sp, AT_HALF
    bltu    a2, a5, .Lblock_2
    j       .Lhalf_2
.Lblock_2:
    l32i    a8, sp, AT_START
    mov.n   a9, a8
    mov.n   a10, a8
    mov.n   a11, a8
    mov.n   a12, a8
    mov.n   a13, a8
    mov.n   a14, a8
    mov.n   a15, a8
    taps_begin .Ltap_2
    l32i.n  a4, a3, 0
    extui   a5, a4, 0, 16
    addx4   a5, a5, a2
    srai    a4, a4, 16
    multiply_pair 0, a8, a9
    multiply_pair 8, a10, a11
    multiply_pair 16, a12, a13
    multiply_pair 24, a14, a15
    taps_next .Ltap_2
    l32i    a3, sp, AT_SUMS
    l32i    a4, sp, AT_STRIDE
    l32i    a5, sp, AT_FIRST
    add     a4, a3, a4
    beqz    a5, .Ladd_2
    l32i    a6, sp, AT_BASE
    store_pair 0, a8
    store_pair 4, a9
    store_pair 8, a10
    store_pair 12, a11
    store_pair 16, a12
    store_pair 20, a13
    store_pair 24, a14
    store_pair 28, a15
    j       .Lnext_2
.Ladd_2:
    add_pair 0, a8
    add_pair 4, a9
    add_pair 8, a10
    add_pair 12, a11
    add_pair 16, a12
    add_pair 20, a13
    add_pair 24, a14
    add_pair 28, a15
.Lnext_2:
    l32i    a6, sp, AT_HALF
    addi    a3, a3, 32
    addi    a2, a2, 32
    s32i    a3, sp, AT_SUMS
    bgeu    a2, a6, .Lrest
    j       .Lblock_2
.Lrest:
    l32i    a6, sp, AT_STOP
    bltu    a2, a6, .Lhalf_2
.Ldone_2:
    next_chunk .Lchunk_2

.Lhalf_2: /* at most four words are left */
    l32i    a8, sp, AT_START
    mov.n   a9, a8
    mov.n   a10, a8
    mov.n   a11, a8
    nop.n
    taps_begin .Ltap_half
    l32i.n  a4, a3, 0
    extui   a5, a4, 0, 16
    addx4   a5, a5, a2
    srai    a4, a4, 16
    multiply_pair 0, a8, a9
    multiply_pair 8, a10, a11
    taps_next .Ltap_half
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
    j       .Ldone_2
.Ladd_half:
    add_pair 0, a8
    add_pair 4, a9
    add_pair 8, a10
    add_pair 12, a11
    j       .Ldone_2
    .end    no-transform
    .size   sqz_sum_products_2, . - sqz_sum_products_2

#endif
