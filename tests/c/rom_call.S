/* Calls a function with register windows through esp32s3/rom_call.S and ends with 0 when all is as it should be: the
   function saw its arguments, called another, and its caller finds what it counts on. */
#include "special_registers.inc"

    .section .text.start, "ax"
    .literal_position
    .align  4
    .global _start
_start:
    movi    a2, 0x05                    /* as start.S leaves it */
    write_special PS, 2
    rsync
    movi    a2, 0
    write_special WINDOWBASE, 2
    rsync
    movi    a2, 1
    write_special WINDOWSTART, 2
    rsync
    movi    a1, stack_top
    movi    a12, 0x112
    movi    a13, 0x113
    movi    a14, 0x114
    movi    a15, 0x115
    movi    a2, windowed
    movi    a3, arguments
    call0   rom_call
    movi    a4, 0x654321
    movi    a3, 1                       /* what it gave */
    bne     a2, a4, leave
    movi    a3, 2                       /* registers */
    movi    a4, 0x112
    bne     a12, a4, leave
    addi    a4, a4, 1
    bne     a13, a4, leave
    addi    a4, a4, 1
    bne     a14, a4, leave
    addi    a4, a4, 1
    bne     a15, a4, leave
    movi    a4, stack_top
    bne     a1, a4, leave
    movi    a3, 3                       /* the state of the core */
    read_special 2, PS
    movi    a4, 0x4001F                 /* WOE, exception mode, level */
    and     a2, a2, a4
    bnei    a2, 5, leave
    read_special 2, WINDOWBASE
    bnez    a2, leave
    read_special 2, WINDOWSTART
    bnei    a2, 1, leave
    movi    a3, 0
leave:
    movi    a2, 1                       /* exit */
    simcall
1:  j       1b

    .align  4
windowed:                               /* a2 to a7: one digit each */
    .byte   0x36, 0x41, 0x00            /* entry a1, 32 */
    mov     a10, a7
    movi    a8, last
    .byte   0xE0, 0x08, 0x00            /* callx8 a8 */
    slli    a3, a3, 4
    or      a2, a2, a3
    slli    a4, a4, 8
    or      a2, a2, a4
    slli    a5, a5, 12
    or      a2, a2, a5
    slli    a6, a6, 16
    or      a2, a2, a6
    or      a2, a2, a10
    .byte   0x90, 0x00, 0x00            /* retw */

    .align  4
last:
    .byte   0x36, 0x41, 0x00
    slli    a2, a2, 20
    .byte   0x90, 0x00, 0x00

    .section .data, "aw"
    .align  16
arguments:
    .word   1, 2, 3, 4, 5, 6
    .space  1024
    .align  16
stack_top:
