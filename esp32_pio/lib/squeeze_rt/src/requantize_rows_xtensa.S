/*
 * sqz_requantize_rows (requantize.h) for Xtensa. The C in requantize.c says what it does.
 *
 * In assembler so that the numbers stay in registers: 12 instructions for most outputs, 7 for those below the floor,
 * and 14 for a row.
 */
#if defined(__XTENSA__)

#include "kernel_abi_xtensa.inc"

/* requantizer, as requantize.h lays it out */
#define CLAMP_MIN     12
#define CLAMP_MAX     16
#define FLOOR_BELOW   20
#define CEILING_ABOVE 24
#define FAST_BELOW    28
#define CUT           32
#define FACTOR        36
#define ROUNDING      40

#define FRAME 64 /* saved registers and what a call overwrites first, then: */
#define AT_WIDTH  36
#define AT_ROWS   40
#define AT_GAP    44
#define AT_NUMBER 48 /* of the sum of a pair that is requantized exactly */

/* What a call of C keeps in the call0 ABI. */
    .macro load_callee_saved
    l32i.n  a13, a2, CLAMP_MAX
    l32i.n  a14, a2, CLAMP_MIN
    l32i.n  a15, a2, FLOOR_BELOW
    .endm

/* What a call of C leaves undefined. */
    .macro load_caller_saved
    l32i.n  a8, a2, FAST_BELOW
    l32i.n  a9, a2, FACTOR
    l32i.n  a10, a2, ROUNDING
    l32r    a11, .Lsure
    l32i.n  a7, a2, CUT
    ssr     a7
    .endm

/* Byte \number at a4 from the sum at a3. */
    .macro requantize_one number
    l32i.n  a6, a3, 4 * \number
    bgeu    a6, a8, .Lunusual_\number
    srl     a7, a6
    mull    a7, a7, a9
    add.n   a7, a7, a10
    slli    a0, a7, 9
    bgeu    a0, a11, .Lnear_\number
    extui   a7, a7, 23, 9
#if !defined(SQZ_PORTABLE)
    .byte   0xD0, 0x77, 0x43 /* min a7, a7, a13 */
#else
    bge     a13, a7, .Lstore_\number
    mov.n   a7, a13
#endif
.Lstore_\number:
    s8i     a7, a4, \number
    .endm

    .macro unusual number /* negative, too large, or not for the fast way at all */
.Lunusual_\number:
    mov.n   a7, a14
    blt     a6, a15, .Lstore_\number
    l32i.n  a0, a2, CEILING_ABOVE
    mov.n   a7, a13
    blt     a0, a6, .Lstore_\number
.Lnear_\number:
    movi.n  a7, \number
    .endm

    .section .text.sqz_requantize_rows, "ax", @progbits
    .literal_position
    .literal .Lsure, 0xFC000000 /* fractions below this, as 32 bits, are not within the error of the next integer */
    .literal .Lexact, sqz_requantize_exactly
    .begin  no-transform
    .align  4
    .global sqz_requantize_rows
    .type   sqz_requantize_rows, @function
sqz_requantize_rows: /* a2: requantizer, a3: sums, a4: bytes, a5: width, a6: rows, a7: pitch */
    kernel_entry FRAME
    sub     a7, a7, a5
    slli    a7, a7, 2
    s32i.n  a5, sp, AT_WIDTH
    s32i.n  a6, sp, AT_ROWS
    s32i.n  a7, sp, AT_GAP
    load_callee_saved
    beqz    a5, .Ldone
    beqz    a6, .Ldone
    load_caller_saved
.Lrow:
    bbsi    a5, 0, .Lodd
    add.n   a5, a4, a5 /* end of the row's bytes */
.Lpair:
    requantize_one 0
.Lsecond:
    requantize_one 1
    addi.n  a4, a4, 2
    addi.n  a3, a3, 8
    bne     a4, a5, .Lpair
    l32i.n  a6, sp, AT_ROWS
    l32i.n  a7, sp, AT_GAP
    l32i.n  a5, sp, AT_WIDTH
    addi.n  a6, a6, -1
    s32i.n  a6, sp, AT_ROWS
    add.n   a3, a3, a7
    bnez    a6, .Lrow
.Ldone:
    kernel_return FRAME
.Lodd: /* begins with the second one of a pair */
    add.n   a5, a4, a5
    addi    a3, a3, -4
    addi.n  a4, a4, -1
    j       .Lsecond
    unusual 0
    j       .Lexactly
    unusual 1
.Lexactly:
    s32i.n  a7, sp, AT_NUMBER
    kernel_call .Lexact, a6, a6
#if defined(__XTENSA_WINDOWED_ABI__)
    load_callee_saved
#endif
    load_caller_saved
    l32i.n  a0, sp, AT_NUMBER
    mov.n   a7, a6
    bnez    a0, .Lstore_1
    j       .Lstore_0
    .end    no-transform
    .size   sqz_requantize_rows, . - sqz_requantize_rows

#endif
