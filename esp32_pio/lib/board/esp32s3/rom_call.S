/* Calls of the ROM's functions, which have register windows, from code that has none. The callee gets a0 to a7 as its
   caller's a8 to a15, and keeps the caller's a0 to a7. 64 registers are eight such windows: none overflows while calls
   nest no deeper than six, and the ROM's small functions do not; should one, the vectors report "RegisterWindow". */
#include "special_registers.inc"

    .equ    PS_WOE, 0x40000

    .section .text.rom_call, "ax"
    .literal_position
    .align  4
    .global rom_call
    .type   rom_call, @function
rom_call:                               /* a2: its address, a3: six arguments */
    addi    a1, a1, -32
    s32i    a0, a1, 0
    s32i    a12, a1, 4                  /* these four are our caller's to keep */
    s32i    a13, a1, 8
    s32i    a14, a1, 12
    s32i    a15, a1, 16
    mov     a8, a2
    l32i    a10, a3, 0
    l32i    a11, a3, 4
    l32i    a12, a3, 8
    l32i    a13, a3, 12
    l32i    a14, a3, 16
    l32i    a15, a3, 20
    read_special 4, PS
    movi    a5, PS_WOE
    or      a5, a4, a5
    write_special PS, 5
    rsync
    .byte   0xE0, 0x08, 0x00            /* callx8 a8, which this assembler does not know */
    mov     a2, a10
    write_special PS, 4
    rsync
    l32i    a0, a1, 0
    l32i    a12, a1, 4
    l32i    a13, a1, 8
    l32i    a14, a1, 12
    l32i    a15, a1, 16
    addi    a1, a1, 32
    ret
    .size   rom_call, . - rom_call
