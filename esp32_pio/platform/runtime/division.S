/* 32-bit division for code that gcc compiles for the lx106, which has no divide instruction and whose libgcc (as
   Debian builds it) has no division routine either. The LX6 has the instructions; the assembler does not know them,
   so they are given as bytes: t<<4, r<<4|s, opcode (format RRR, r = result, s = dividend, t = divisor).
   Division by zero raises exception 6 (IntegerDivideByZero). */

    .macro division name, opcode
    .section .text.\name, "ax"
    .align  4
    .global \name
    .type   \name, @function
\name:
    .byte   0x30, 0x22, \opcode         /* a2 = a2 (opcode) a3 */
    ret
    .size   \name, . - \name
    .endm

    division __udivsi3, 0xC2            /* quou */
    division __divsi3,  0xD2            /* quos */
    division __umodsi3, 0xE2            /* remu */
    division __modsi3,  0xF2            /* rems */
