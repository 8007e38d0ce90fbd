/* Entry: from the ROM's loader (a windowed call, cache on, watchdogs running) or from an emulator. Leaves a call0
   machine with a painted and guarded stack and a cleared .bss, then calls main(). */
#include "special_registers.inc"

    .section .text.start, "ax"
    .literal_position
    .align  4
    .global _start
    .type   _start, @function
_start:
    /* Loop buffer off: else zero-overhead loops rarely trap (erratum 572: xtensa's core.h, XCHAL_ERRATUM_572;
       bootloader_init). The ROM leaves it on. */
    movi    a2, 0
    write_lx6 MEMCTL, 2
    isync
    /* PS: no register windows, no exception mode; interrupts up to level 5 are masked, level 6 (debug: the stack guard)
       stays open. */
    movi    a2, 0x05
    write_special PS, 2
    rsync
    movi    a2, 0                       /* from here a0..a15 may name other registers than before */
    write_lx6 WINDOWBASE, 2
    rsync
    movi    a2, 1
    write_lx6 WINDOWSTART, 2
    rsync
    movi    a2, 0
    write_lx6 LCOUNT, 2                 /* no zero-overhead loop left over from the ROM */
    write_special INTENABLE, 2
    movi    a2, vectors
    write_special VECBASE, 2
    rsync

    movi    a1, _stack_top
    call0   board_stop_watchdogs        /* touches neither .data nor .bss; its use of the stack is painted over */

    movi    a2, _stack_bottom
    movi    a3, _stack_top
    movi    a4, 0xA5A5A5A5              /* as in stack.c */
1:  s32i    a4, a2, 0
    addi    a2, a2, 4
    bltu    a2, a3, 1b

    movi    a2, _stack_bottom           /* any store to the stack's lowest 128 bytes: a debug exception */
    write_lx6 DBREAKA0, 2
    addi    a2, a2, 64
    write_lx6 DBREAKA1, 2
    movi    a2, 0x80000000              /* on stores; address bits 5:0 ignored */
    write_lx6 DBREAKC0, 2
    write_lx6 DBREAKC1, 2

    movi    a2, _bss_start
    movi    a3, _bss_end
    movi    a4, 0
    j       3f
2:  s32i    a4, a2, 0
    addi    a2, a2, 4
3:  bltu    a2, a3, 2b

    call0   main
    call0   board_halt
    .size   _start, . - _start
