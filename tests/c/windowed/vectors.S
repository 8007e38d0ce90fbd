/* Vectors of an emulated core with register windows: the windows' six, and the timer's interrupt. */
#include "compiled.inc"
#include "special_registers.inc"

    .macro  store_window register, base, offset /* s32e */
    .byte   (\register) << 4, ((\offset) + 64) << 2 & 0xF0 | (\base), 0x49
    .endm

    .macro  load_window register, base, offset /* l32e */
    .byte   (\register) << 4, ((\offset) + 64) << 2 & 0xF0 | (\base), 0x09
    .endm

    .macro  return_from_overflow
    .byte   0x00, 0x34, 0x00
    .endm

    .macro  return_from_underflow
    .byte   0x00, 0x35, 0x00
    .endm

    .macro  vector offset
    .org    \offset
    .endm

    .section .vectors, "ax"
    .begin  no-transform
    .align  1024
    .global vectors
vectors:
    vector  0x000 /* overflow of a function that called with CALL4: a5 is the stack pointer of what it called */
    store_window 0, 5, -16
    store_window 1, 5, -12
    store_window 2, 5, -8
    store_window 3, 5, -4
    return_from_overflow

    vector  0x040 /* underflow */
    load_window 0, 5, -16
    load_window 1, 5, -12
    load_window 2, 5, -8
    load_window 3, 5, -4
    return_from_underflow

    vector  0x080 /* overflow of a function that called with CALL8: a4..a7 lie at the upper end of its own frame */
    store_window 0, 9, -16
    load_window 0, 1, -12
    store_window 1, 9, -12
    store_window 2, 9, -8
    store_window 3, 9, -4
    store_window 4, 0, -32
    store_window 5, 0, -28
    store_window 6, 0, -24
    store_window 7, 0, -20
    return_from_overflow

    vector  0x0C0 /* underflow */
    load_window 0, 9, -16
    load_window 1, 9, -12
    load_window 2, 9, -8
    load_window 3, 9, -4
    load_window 7, 1, -12
    load_window 4, 7, -32
    load_window 5, 7, -28
    load_window 6, 7, -24
    load_window 7, 7, -20
    return_from_underflow

    .irp    offset, 0x100, 0x140, 0x180, 0x1C0, 0x200, 0x240, 0x280, 0x2C0, 0x300 /* not expected */
    vector  \offset
    j       windowed_panic
    .endr

    vector  0x340 /* user mode: the timer's interrupt, or a mistake */
    write_special EXCSAVE1, 0
    j       timer_interrupt

    vector  0x3C0 /* double exception: not expected */
    j       windowed_panic
    .org    0x400
    .end    no-transform
