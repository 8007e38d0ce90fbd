/* sqz_sum_products_2 (sum_taps.h), two lanes of 16 bits: the sums of words 0..7 are in a8..a15, the words at a2. */
#if defined(__XTENSA__)

#include "sum_products_xtensa.inc"

    .macro multiply_pair offset, first, second
    l32i.n  a6, a5, \offset
    l32i.n  a7, a5, \offset + 4
    mull    a6, a6, a4
    mull    a7, a7, a4
    add.n   \first, \first, a6
    add.n   \second, \second, a7
    .endm

    .macro multiply_eight
    multiply_pair 0, a8, a9
    multiply_pair 8, a10, a11
    multiply_pair 16, a12, a13
    multiply_pair 24, a14, a15
    .endm

    .section .text.sqz_sum_products_2, "ax", @progbits
    .begin  no-transform
    .align  4
    .global sqz_sum_products_2
    .type   sqz_sum_products_2, @function
sqz_sum_products_2:
    enter_products
.Lchunk:
    start_chunk
    addi    a5, a6, -16
    s32i    a5, sp, AT_HALF
    bltu    a2, a5, .Lblock
    j       .Lrest
.Lblock:
    l32i    a8, sp, AT_START
    mov.n   a9, a8
    mov.n   a10, a8
    mov.n   a11, a8
    mov.n   a12, a8
    mov.n   a13, a8
    mov.n   a14, a8
    mov.n   a15, a8
#if defined(SQZ_PORTABLE)
    taps_begin .Ltap_8
    multiply_eight
    taps_next .Ltap_8
#else
    l32i.n  a3, sp, AT_TAPS
    l32i.n  a4, sp, AT_TAPS_N
    bbci    a4, 0, .Leven
    load_tap 0
    multiply_eight
    addi.n  a3, a3, 4
    l32i.n  a4, sp, AT_TAPS_N
.Leven:
    srli    a4, a4, 1
.Ltwo_count:
    .byte   0x76, 0x94, .Ltwo_end - .Ltwo_count - 4 /* loopnez a4, .Ltwo_end */
    load_tap 0
    multiply_eight
    load_tap 4
    multiply_eight
    addi.n  a3, a3, 8
.Ltwo_end:
#endif
    call0   sqz_write_sums_8
    l32i    a6, sp, AT_HALF
    addi    a3, a3, 32
    addi    a2, a2, 32
    s32i    a3, sp, AT_SUMS
    bgeu    a2, a6, .Lrest
    j       .Lblock
.Lrest: /* at most four words are left */
    l32i    a6, sp, AT_STOP
    addi    a5, a2, 8
    bgeu    a2, a6, .Ldone
    l32i    a8, sp, AT_START
    mov.n   a9, a8
    bgeu    a5, a6, .Lquarter
    mov.n   a10, a8
    mov.n   a11, a8
    taps_begin .Ltap_4
    multiply_pair 0, a8, a9
    multiply_pair 8, a10, a11
    taps_next .Ltap_4
    call0   sqz_write_sums_4
.Ldone:
    next_chunk .Lchunk
.Lquarter:
    taps_begin .Ltap_2
    multiply_pair 0, a8, a9
    taps_next .Ltap_2
    call0   sqz_write_sums_2
    j       .Ldone
    .end    no-transform
    .size   sqz_sum_products_2, . - sqz_sum_products_2

#endif
