/*
 * sqz_sum_products_4 (sum_taps.h), four lanes of 8 bits: the sums of whole words 0..3 are in a8..a11, those of their
 * odd bytes in a12..a15, the words at a2.
 */
#if defined(__XTENSA__)

#include "sum_products_xtensa.inc"

    .macro multiply_bytes offset, all, odd /* a0: mask of the odd bytes, shifted down */
    l32i.n  a6, a5, \offset
    srli    a7, a6, 8
    mull    a6, a6, a4
    and     a7, a7, a0
    mull    a7, a7, a4
    add.n   \all, \all, a6
    add.n   \odd, \odd, a7
    .endm

    .section .text.sqz_sum_products_4, "ax", @progbits
    .literal_position
    .literal .Lodd_bytes, 0x00FF00FF
    .begin  no-transform
    .align  4
    .global sqz_sum_products_4
    .type   sqz_sum_products_4, @function
sqz_sum_products_4:
    enter_products
.Lchunk:
    start_chunk
    addi    a5, a2, 8
    bltu    a5, a6, .Lblock
    j       .Lword
.Lblock:
    s32i.n  a2, sp, AT_BLOCK
    l32i    a15, sp, AT_START
    l32r    a0, .Lodd_bytes
    slli    a11, a15, 8
    mov.n   a12, a15
    mov.n   a13, a15
    mov.n   a14, a15
    add.n   a11, a11, a15
    mov.n   a8, a11
    mov.n   a9, a11
    mov.n   a10, a11
    taps_begin .Ltap_4, a5
    multiply_bytes 0, a8, a12
    multiply_bytes 4, a9, a13
    multiply_bytes 8, a10, a14
    multiply_bytes 12, a11, a15
    taps_next .Ltap_4, a5
    call0   sqz_write_bytes_4
    l32i    a2, sp, AT_BLOCK
    l32i    a6, sp, AT_STOP
    addi    a2, a2, 16
    bgeu    a2, a6, .Ldone
    addi    a5, a2, 8
    bgeu    a5, a6, .Lword
    j       .Lblock
.Lword: /* one or two words are left */
    s32i    a2, sp, AT_BLOCK
    l32i    a15, sp, AT_START
    l32r    a0, .Lodd_bytes
    slli    a11, a15, 8
    add     a11, a11, a15 /* not all are short, for where loops begin */
    taps_begin .Ltap_1, a5
    multiply_bytes 0, a11, a15
    taps_next .Ltap_1, a5
    call0   sqz_write_bytes_1
    l32i    a2, sp, AT_BLOCK
    l32i    a6, sp, AT_STOP
    addi    a2, a2, 4
    bltu    a2, a6, .Lword
.Ldone:
    next_chunk .Lchunk
    .end    no-transform
    .size   sqz_sum_products_4, . - sqz_sum_products_4

#endif
