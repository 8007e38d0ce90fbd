/* sqz_requantize_exactly() as the kernel calls it: what the ABI lets a function change, this one does. */
#include "compiled.inc"
#include "special_registers.inc"

    .equ    SAR, 3

    .section .text.__wrap_sqz_requantize_exactly, "ax"
    .literal_position
    .align  4
    .global __wrap_sqz_requantize_exactly
    .type   __wrap_sqz_requantize_exactly, @function
__wrap_sqz_requantize_exactly: /* a2: requantizer, a3: a sum */
    entry   a1, 32
    mov     a10, a2
    mov     a11, a3
    movi    a8, __real_sqz_requantize_exactly
    callx8  a8
    mov     a2, a10
    movi    a3, 0xDEADBEEF
    .irp    number, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 /* the first four are the caller's a12..a15 */
    mov     a\number, a3
    .endr
    write_special SAR, 3
    retw.n
    .size   __wrap_sqz_requantize_exactly, . - __wrap_sqz_requantize_exactly
