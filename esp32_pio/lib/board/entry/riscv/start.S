/* Entry: from the ROM's loader (a call with interrupts on, the ROM's trap table and watchdogs running) or from an
   emulator. Leaves a painted and guarded stack and a cleared .bss, then calls main(). */
    .option arch, +zicsr
    .option norelax                     /* there is no gp */

    .equ    GUARD_BYTES, 128
    .equ    GUARD_ADDRESS_LOW, (GUARD_BYTES / 8) - 1
    /* Locked, so that it holds in machine mode, too; naturally aligned power of two; may be read. */
    .equ    GUARD_PERMISSIONS, 0x80 | 0x18 | 0x01

    .section .text.start, "ax"
    .global _start
    .type   _start, @function
_start:
    csrw    mstatus, zero               /* the ROM's loader calls with MIE set */
    la      t0, vectors
    ori     t0, t0, 1                   /* vectored */
    csrw    mtvec, t0

    la      sp, _stack_top
    call    board_stop_watchdogs        /* touches neither .data nor .bss; its use of the stack is painted over */

    la      t0, _stack_bottom
    csrr    t1, pmpcfg0
    andi    t1, t1, 0x80
    beqz    t1, 1f
    addi    t0, t0, GUARD_BYTES         /* an emulator's second run: the guard is locked, and painted */
1:  la      t1, _stack_top
    li      t2, 0xA5A5A5A5              /* as in stack.c */
2:  sw      t2, 0(t0)
    addi    t0, t0, 4
    bltu    t0, t1, 2b

    la      t0, _stack_bottom           /* any store to the stack's lowest bytes: a store access fault */
    srli    t0, t0, 2
    ori     t0, t0, GUARD_ADDRESS_LOW
    csrw    pmpaddr0, t0
    li      t0, GUARD_PERMISSIONS
    csrw    pmpcfg0, t0

    la      t0, _bss_start
    la      t1, _bss_end
    j       4f
3:  sw      zero, 0(t0)
    addi    t0, t0, 4
4:  bltu    t0, t1, 3b

    call    main
    call    board_halt
    .size   _start, . - _start
