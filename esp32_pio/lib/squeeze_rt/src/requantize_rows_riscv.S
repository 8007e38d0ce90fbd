/*
 * sqz_requantize_rows (requantize.h) for RISC-V. The C in requantize.c says what it does.
 *
 * In assembler so that the numbers stay in registers: 12 instructions for most outputs, 7 for those below the floor,
 * and 7 for a row.
 */
#include "assembler.h"

#if SQZ_RISCV

/* requantizer, as requantize.h lays it out */
#define CLAMP_MIN     12
#define CLAMP_MAX     16
#define FLOOR_BELOW   20
#define CEILING_ABOVE 24
#define FAST_BELOW    28
#define CUT           32
#define FACTOR        36
#define ROUNDING      40

#define FRAME    64 /* saved registers, and: */
#define AT_WIDTH 52

/*
 * s0: sums, s1: bytes, s2: end of the row's bytes    s3: the fast way's end, s4: bits cut off, s5: factor, s6: rounding
 * s7: fractions below this are sure    s8: largest output    s9: rows left, s10: bytes from a row's last sum to the
 * next row    s11: requantizer    a2: least output, a3: floor
 */

/* What a call of C leaves undefined. */
    .macro load_caller_saved
    lw      a2, CLAMP_MIN(s11)
    lw      a3, FLOOR_BELOW(s11)
    .endm

/* Byte \number at s1 from the sum at s0. */
    .macro requantize_one number
    lw      a4, 4 * \number(s0)
    bgeu    a4, s3, .Lunusual_\number
    srl     a5, a4, s4
    mul     a5, a5, s5
    add     a5, a5, s6
    slli    a1, a5, 9
    bgeu    a1, s7, .Lnear_\number
    srli    a5, a5, 23
    bltu    s8, a5, .Lmost_\number
.Lstore_\number:
    sb      a5, \number(s1)
    .endm

    .macro unusual number /* negative, too large, or not for the fast way at all */
.Lunusual_\number:
    mv      a5, a2
    blt     a4, a3, .Lstore_\number
    lw      a1, CEILING_ABOVE(s11)
    bge     a1, a4, .Lnear_\number
.Lmost_\number:
    mv      a5, s8
    j       .Lstore_\number
.Lnear_\number:
    mv      a0, s11
    mv      a1, a4
    call    sqz_requantize_exactly
    load_caller_saved
    mv      a5, a0
    j       .Lstore_\number
    .endm

    .section .text.sqz_requantize_rows, "ax", @progbits
    .align  2
    .global sqz_requantize_rows
    .type   sqz_requantize_rows, @function
sqz_requantize_rows: /* a0: requantizer, a1: sums, a2: bytes, a3: width, a4: rows, a5: pitch */
    addi    sp, sp, -FRAME
    .set    saved, 0
    .irp    register, ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
    sw      \register, saved(sp)
    .set    saved, saved + 4
    .endr
    beqz    a3, .Ldone
    beqz    a4, .Ldone
    mv      s0, a1
    mv      s1, a2
    mv      s9, a4
    mv      s11, a0
    sub     s10, a5, a3
    slli    s10, s10, 2
    sw      a3, AT_WIDTH(sp)
    lw      s3, FAST_BELOW(s11)
    lw      s4, CUT(s11)
    lw      s5, FACTOR(s11)
    lw      s6, ROUNDING(s11)
    lw      s8, CLAMP_MAX(s11)
    li      s7, 0xFC000000 /* below, a fraction, as 32 bits, is not within the error of the next integer */
    mv      a5, a3
    load_caller_saved
.Lrow: /* of a5 bytes */
    add     s2, s1, a5
    andi    a5, a5, 1
    bnez    a5, .Lodd
.Lpair:
    requantize_one 0
.Lsecond:
    requantize_one 1
    addi    s1, s1, 2
    addi    s0, s0, 8
    bne     s1, s2, .Lpair
    lw      a5, AT_WIDTH(sp)
    addi    s9, s9, -1
    add     s0, s0, s10
    bnez    s9, .Lrow
.Ldone:
    .set    saved, 0
    .irp    register, ra, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
    lw      \register, saved(sp)
    .set    saved, saved + 4
    .endr
    addi    sp, sp, FRAME
    ret
.Lodd: /* begins with the second one of a pair */
    addi    s0, s0, -4
    addi    s1, s1, -1
    j       .Lsecond
    unusual 0
    unusual 1
    .size   sqz_requantize_rows, . - sqz_requantize_rows

#endif
