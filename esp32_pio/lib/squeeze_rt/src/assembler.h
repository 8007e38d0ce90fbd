/*
 * Which cores have kernels in assembler, *_xtensa.S or *_riscv.S; all others take their C twins. RV32E, which has half
 * of the registers, and cores that do not multiply are others. For C and assembler.
 */
#ifndef ASSEMBLER_H
#define ASSEMBLER_H

#if defined(__riscv) && __riscv_xlen == 32 && defined(__riscv_mul) && !defined(__riscv_32e) &&               \
    !defined(__riscv_e)
#define SQZ_RISCV 1
#else
#define SQZ_RISCV 0
#endif

#if defined(__XTENSA__) || SQZ_RISCV
#define SQZ_ASSEMBLER 1
#else
#define SQZ_ASSEMBLER 0
#endif

#endif
