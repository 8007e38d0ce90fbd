/* Entry: from the ROM's loader (a windowed call, cache on, watchdogs running) or from an emulator. Leaves a call0
   machine with a painted and guarded stack and a cleared .bss, then calls main(). */
#include "machine.inc"

    .section .text.start, "ax"
    .literal_position
    .align  4
    .global _start
    .type   _start, @function
_start:
    call0_machine

    movi    a1, _stack_top
    call0   board_stop_watchdogs        /* touches neither .data nor .bss; its use of the stack is painted over */

    movi    a2, _stack_bottom
    movi    a3, _stack_top
    movi    a4, 0xA5A5A5A5              /* as in stack.c */
1:  s32i    a4, a2, 0
    addi    a2, a2, 4
    bltu    a2, a3, 1b

    guard_stack _stack_bottom

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
