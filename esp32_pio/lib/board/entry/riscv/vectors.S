/* The trap table: exceptions come to its first entry, interrupt n to entry n. ESP-IDF: riscv/vectors_intc.S; the core
   wants it aligned to 256 bytes, and only vectored mode is there. Nothing returns: registers are saved, panic() is
   called. */
    .option arch, +zicsr
    .option norelax

    .section .vectors, "ax"
    .balign 256
    .global vectors
    .type   vectors, @function
vectors:
    .option push
    .option norvc                       /* four bytes each */
    .rept   32
    j       save_and_panic
    .endr
    .option pop
    .size   vectors, . - vectors

    .section .text.save_and_panic, "ax"
    .type   save_and_panic, @function
save_and_panic:
    csrw    mscratch, t0
    la      t0, panic_frames
    sw      zero, 0(t0)                 /* x0; the order is that of struct panic_frame in panic_frame.h */
    .macro  save numbers:vararg
    .irp    number, \numbers
    sw      x\number, 4 * \number(t0)
    .endr
    .endm
    save    1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
    save    17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    csrr    t1, mscratch
    sw      t1, 4 * 5(t0)               /* t0 is x5 */
    csrr    t1, mcause
    sw      t1, 128(t0)
    csrr    t1, mepc
    sw      t1, 132(t0)
    csrr    t1, mtval
    sw      t1, 136(t0)
    csrr    t1, mstatus
    sw      t1, 140(t0)
    la      sp, panic_stack_top         /* not the guarded one */
    call    panic
1:  j       1b
    .size   save_and_panic, . - save_and_panic
