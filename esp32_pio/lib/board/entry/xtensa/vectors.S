/* Exception vectors at the core's offsets. None of them returns: each saves the registers and calls panic(). */
#include "special_registers.inc"
#include "panic_frame.h"

    .macro  vector offset, number       /* a0 is kept in EXCSAVE1 and carries the vector's number */
    .org    \offset
    write_special EXCSAVE1, 0
    movi    a0, \number
    j       save_and_panic
    .endm

    .section .vectors, "ax"
    .align  1024
    .global vectors
vectors:
#ifdef CORE_LX106
    vector  0x010, VECTOR_DEBUG
    vector  0x020, VECTOR_INTERRUPT     /* NMI */
    vector  0x030, VECTOR_EXCEPTION     /* kernel mode */
    vector  0x050, VECTOR_EXCEPTION     /* user mode */
    vector  0x070, VECTOR_DOUBLE
#else
    vector  0x000, VECTOR_WINDOW        /* register window overflow and underflow: impossible while PS.WOE is 0 */
    vector  0x040, VECTOR_WINDOW
    vector  0x080, VECTOR_WINDOW
    vector  0x0C0, VECTOR_WINDOW
    vector  0x100, VECTOR_WINDOW
    vector  0x140, VECTOR_WINDOW
    vector  0x180, VECTOR_INTERRUPT     /* levels 2 to 5 */
    vector  0x1C0, VECTOR_INTERRUPT
    vector  0x200, VECTOR_INTERRUPT
    vector  0x240, VECTOR_INTERRUPT
    vector  0x280, VECTOR_DEBUG
    vector  0x2C0, VECTOR_INTERRUPT     /* NMI */
    vector  0x300, VECTOR_EXCEPTION     /* kernel mode */
    vector  0x340, VECTOR_EXCEPTION     /* user mode */
    vector  0x3C0, VECTOR_DOUBLE
#endif
    .org    0x400

    .section .text.save_and_panic, "ax"
    .literal_position
    .align  4
save_and_panic:
    write_special EXCSAVE2, 0
#ifdef CORE_LX106
    movi    a0, panic_frames
#else
    write_special EXCSAVE3, 1
    read_special 0, PRID                /* each core has a frame of its own: both may crash */
    movi    a1, panic_frames
    bbci    a0, PRID_SECOND, 1f
    addi    a1, a1, PANIC_FRAME_BYTES
1:  mov     a0, a1
    read_special 1, EXCSAVE3
#endif
    s32i    a1, a0, 4
    s32i    a2, a0, 8
    s32i    a3, a0, 12
    s32i    a4, a0, 16
    s32i    a5, a0, 20
    s32i    a6, a0, 24
    s32i    a7, a0, 28
    s32i    a8, a0, 32
    s32i    a9, a0, 36
    s32i    a10, a0, 40
    s32i    a11, a0, 44
    s32i    a12, a0, 48
    s32i    a13, a0, 52
    s32i    a14, a0, 56
    s32i    a15, a0, 60
    .macro  save number, offset
    read_special 2, \number
    s32i    a2, a0, \offset
    .endm
    save    EXCSAVE1, 0                 /* a0 */
    save    EXCSAVE2, 64                /* vector; the order is that of struct panic_frame */
    save    EXCCAUSE, 68
    save    EPC1, 72
    save    EXCVADDR, 76
    save    PS, 80
    save    DEPC, 84
    save    EPC_DEBUG, 88
    save    DEBUGCAUSE, 92

    movi    a2, 0                       /* the panic stack lies elsewhere: the guard has done its work */
    write_lx6 DBREAKC0, 2
    write_lx6 DBREAKC1, 2
#ifndef CORE_LX106
    read_special 2, PRID
    bbsi    a2, PRID_SECOND, 3f
#endif
    /* Leave exception mode with everything masked, so that an exception in panic() comes back here instead of being a
       double one. */
    movi    a2, 0x0F
    write_special PS, 2
    rsync
    movi    a1, panic_stack_top
    call0   panic
2:  j       2b

    /* The second core may not print: it says that its frame is full, and the first one does the rest. */
3:  movi    a2, 1
    memw
    s32i    a2, a0, PANIC_FRAME_BYTES - 4
    memw
4:  j       4b
