/*
 * The timer's interrupt, as ESP-IDF's of level 1: it saves the registers, spills all windows, and calls a function that
 * changes them all. What differs is when it comes: after intervals that are random, and short.
 */
#include "compiled.inc"
#include "special_registers.inc"

    .equ    LBEG,      0
    .equ    LEND,      1
    .equ    SAR,       3
    .equ    CCOUNT,    234
    .equ    CCOMPARE0, 240

#define LEVEL_1_INTERRUPT 4       /* EXCCAUSE */
#define PS_MASKED         0x4002F /* WOE, UM, all interrupts masked */

/* a0..a15, then the others. What lies right below the interrupted function's sp belongs to the window handlers. */
#define FRAME     128
#define AT_EPC1   64
#define AT_PS     68
#define AT_SAR    72
#define AT_LBEG   76
#define AT_LEND   80
#define AT_LCOUNT 84

#define DEPTH     12 /* calls: more than the core has windows */
#define PATTERN   0xDEADBEEF

    .section .bss.interrupts, "aw", @nobits
    .align  4
    .global interrupts
interrupts: /* how many there have been */
    .space  4
random:
    .space  4

    .section .text.timer_interrupt, "ax"
    .literal_position
    .align  4
    .global timer_interrupt
timer_interrupt: /* a0 is in EXCSAVE1 */
    addi    a0, a1, -FRAME
    .irp    number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    s32i    a\number, a0, 4 * \number
    .endr
    .macro  save number, offset
    read_special 2, \number
    s32i    a2, a0, \offset
    .endm
    save    EXCSAVE1, 0
    save    EPC1, AT_EPC1
    save    PS, AT_PS
    save    SAR, AT_SAR
    save    LBEG, AT_LBEG
    save    LEND, AT_LEND
    save    LCOUNT, AT_LCOUNT
    read_special 2, EXCCAUSE
    bnei    a2, LEVEL_1_INTERRUPT, windowed_panic

    /* Older windows are stored relative to the interrupted function's sp, which is still in a1. */
    movi    a2, PS_MASKED
    write_special PS, 2
    rsync
    and     a12, a12, a12               /* traps while another function's registers are there */
    rotw    3
    and     a12, a12, a12
    rotw    3
    and     a4, a4, a4
    rotw    2                           /* 8 x 4 registers: where it began */
    mov     a1, a0

    movi    a2, interrupts
    l32i    a3, a2, 0
    addi    a3, a3, 1
    s32i    a3, a2, 0
    movi    a6, DEPTH
    movi    a8, change_all_registers
    callx4  a8
    movi    a2, random
    l32i    a3, a2, 0
    movi    a4, 1664525
    mull    a3, a3, a4
    movi    a4, 1013904223
    add     a3, a3, a4
    s32i    a3, a2, 0
    extui   a3, a3, 20, 12
    addi    a3, a3, 100
    read_special 4, CCOUNT
    add     a3, a3, a4
    write_special CCOMPARE0, 3

    l32i    a2, a1, AT_PS               /* exception mode again: until RFE there are no windows and no loops */
    write_special PS, 2
    rsync
    .macro  restore number, offset
    l32i    a2, a1, \offset
    write_special \number, 2
    .endm
    restore EPC1, AT_EPC1
    restore SAR, AT_SAR
    restore LBEG, AT_LBEG
    restore LEND, AT_LEND
    restore LCOUNT, AT_LCOUNT
    rsync
    .irp    number, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 0, 1
    l32i    a\number, a1, 4 * \number
    .endr
    rfe
    .size   timer_interrupt, . - timer_interrupt

/* As deep as a2 says: all registers, those of a loop, and the shift amount. */
    .align  4
    .type   change_all_registers, @function
change_all_registers:
    entry   a1, 64
    movi    a3, PATTERN
    .irp    number, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15
    add     a\number, a3, a2
    .endr
    s32i    a4, a1, 0
    write_special SAR, 2
    write_special LBEG, 3
    write_special LEND, 3
    addi    a10, a2, -1
    beqz    a2, 1f
    movi    a8, change_all_registers
    callx8  a8
1:  l32i    a8, a1, 0
    add     a3, a3, a2
    bne     a8, a3, windowed_panic      /* the windows came back otherwise than they went */
    .irp    number, 4, 5, 6, 7
    bne     a\number, a3, windowed_panic
    .endr
    retw.n
    .size   change_all_registers, . - change_all_registers

/* No more is known than that something went wrong, and how: EXCCAUSE is the exit status. */
    .align  4
    .global windowed_panic
    .type   windowed_panic, @function
windowed_panic:
    read_special 3, EXCCAUSE
    addi    a3, a3, 100
    movi    a2, 1 /* exit */
    simcall
    j       windowed_panic
    .size   windowed_panic, . - windowed_panic
