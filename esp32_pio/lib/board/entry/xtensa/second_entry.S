/* The second core's entry. Its ROM calls this by callx8, with register windows and the loop buffer on (as the first
   core's does; ESP-IDF's call_start_cpu1 is entered likewise). It touches the peripherals' registers never: errata
   CPU-3.10 and CPU-3.16. */
#include "machine.inc"

    .equ    SECOND_STACK_BYTES, 3072

    .section .bss.second_stack, "aw", @nobits
    .balign 64
    .global second_stack_bottom, second_stack_top
second_stack_bottom:
    .space  SECOND_STACK_BYTES
second_stack_top:

    .section .text.second_entry, "ax"
    .literal_position
    .align  4
    .global second_entry
    .type   second_entry, @function
second_entry:
    call0_machine
    movi    a1, second_stack_top
    movi    a2, 0                       /* what stands there from an earlier run watches nothing */
    write_lx6 DBREAKC0, 2
    write_lx6 DBREAKC1, 2
    movi    a2, second_stack_bottom
    movi    a3, 0xA5A5A5A5              /* as start.S paints the first one's */
1:  s32i    a3, a2, 0
    addi    a2, a2, 4
    bltu    a2, a1, 1b
    guard_stack second_stack_bottom
    call0   second_core_serve
    .size   second_entry, . - second_entry
