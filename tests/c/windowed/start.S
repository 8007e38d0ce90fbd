/* Entry on an emulated core: leaves a machine with register windows, a painted stack and a cleared .bss, then calls
   main(). */
#include "compiled.inc"
#include "special_registers.inc"

#define PS_WINDOWS 0x40020 /* WOE, and UM as in ESP-IDF's tasks */

    .section .text.start, "ax"
    .literal_position
    .align  4
    .global _start
    .type   _start, @function
_start:
    movi    a2, 0x1F                    /* exception mode until windows are set up */
    write_special PS, 2
    rsync
    movi    a2, 0
    write_special WINDOWBASE, 2
    rsync
    movi    a2, 1
    write_special WINDOWSTART, 2
    movi    a2, 0
    write_special LCOUNT, 2
    write_special INTENABLE, 2
    movi    a2, vectors
    write_special VECBASE, 2
    rsync
    movi    a1, _stack_top
    movi    a2, PS_WINDOWS
    write_special PS, 2
    rsync

    movi    a2, _stack_bottom
    movi    a4, 0xA5A5A5A5              /* as in stack.c */
1:  s32i    a4, a2, 0
    addi    a2, a2, 4
    bltu    a2, a1, 1b

    movi    a2, _bss_start
    movi    a3, _bss_end
    movi    a4, 0
    j       3f
2:  s32i    a4, a2, 0
    addi    a2, a2, 4
3:  bltu    a2, a3, 2b

    movi    a8, main
    callx4  a8
    movi    a8, board_halt
    callx4  a8
    .size   _start, . - _start
