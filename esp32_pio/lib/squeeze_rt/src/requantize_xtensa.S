/*
 * sqz_requantize_run (requantize.h) for Xtensa. The C in requantize.c says what it does.
 *
 * In assembler so that the numbers stay in registers: 14 instructions for most outputs, 8 for those below the floor.
 */
#if defined(__XTENSA__)

#include "kernel_abi_xtensa.inc"

/* requantizer, as requantize.h lays it out */
#define ZERO_POINT    8
#define CLAMP_MIN     12
#define CLAMP_MAX     16
#define FLOOR_BELOW   20
#define CEILING_ABOVE 24
#define FAST_BELOW    28
#define CUT           32
#define FACTOR        36
#define ROUNDING      40

#define FRAME 48

/* What a call of C keeps in the call0 ABI. */
    .macro load_callee_saved
    l32i.n  a12, a2, ZERO_POINT
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

    .section .text.sqz_requantize_run, "ax", @progbits
    .literal_position
    .literal .Lsure, 0xFC000000 /* fractions below this, as 32 bits, are not within the error of the next integer */
    .literal .Lexact, sqz_requantize_exactly
    .begin  no-transform
    .align  4
    .global sqz_requantize_run
    .type   sqz_requantize_run, @function
sqz_requantize_run: /* a2: requantizer, a3: sums, a4: bytes, a5: count */
    kernel_entry FRAME
    add.n   a5, a4, a5 /* end of the bytes */
    load_callee_saved
    load_caller_saved
    beq     a4, a5, .Ldone
.Lnext:
    l32i.n  a6, a3, 0
    addi.n  a3, a3, 4
    bgeu    a6, a8, .Lunusual
    srl     a7, a6
    mull    a7, a7, a9
    add.n   a7, a7, a10
    slli    a0, a7, 9
    bgeu    a0, a11, .Lnear
    extui   a7, a7, 23, 9
    add.n   a7, a7, a12
#if !defined(SQZ_PORTABLE)
    .byte   0xD0, 0x77, 0x43 /* min a7, a7, a13 */
#else
    bge     a13, a7, .Lstore
    mov.n   a7, a13
#endif
.Lstore:
    s8i     a7, a4, 0
    addi.n  a4, a4, 1
    bne     a4, a5, .Lnext
.Ldone:
    kernel_return FRAME
.Lunusual: /* negative, too large, or not for the fast way at all */
    mov.n   a7, a14
    blt     a6, a15, .Lstore
    l32i.n  a0, a2, CEILING_ABOVE
    mov.n   a7, a13
    blt     a0, a6, .Lstore
.Lnear:
    kernel_call .Lexact, a6, a6
#if defined(__XTENSA_WINDOWED_ABI__)
    load_callee_saved
#endif
    load_caller_saved
    mov.n   a7, a6
    j       .Lstore
    .end    no-transform
    .size   sqz_requantize_run, . - sqz_requantize_run

#endif
