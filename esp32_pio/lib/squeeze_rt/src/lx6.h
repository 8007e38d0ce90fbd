/*
 * Instructions of the ESP32's LX6 core that Debian's assembler, made for the smaller LX106, does not know, each with
 * its portable twin. SQZ_PORTABLE selects the twins on any core. So does the windowed ABI, that of ESP-IDF: its
 * compiler knows the LX6. The kernels in *_xtensa.S have their own bytes for these instructions, in both ABIs.
 */
#ifndef LX6_H
#define LX6_H

#include <stdint.h>

#if defined(__XTENSA_CALL0_ABI__) && !defined(SQZ_PORTABLE)
#define SQZ_LX6 1

/* The number of a register from the name that the compiler substitutes: lx6_a2 is 2. */
__asm__(".set lx6_a0, 0\n.set lx6_sp, 1\n.set lx6_a2, 2\n.set lx6_a3, 3\n.set lx6_a4, 4\n.set lx6_a5, 5\n"
        ".set lx6_a6, 6\n.set lx6_a7, 7\n.set lx6_a8, 8\n.set lx6_a9, 9\n.set lx6_a10, 10\n"
        ".set lx6_a11, 11\n.set lx6_a12, 12\n.set lx6_a13, 13\n.set lx6_a14, 14\n.set lx6_a15, 15\n");

/* Instructions of format RRR: bits 7..4 are t, 11..8 s, 15..12 the result's register, 23..16 the operation. */
#define LX6_RRR(result, s, t, operation)                                                                     \
    __asm__(".byte lx6_%2 << 4, lx6_%0 << 4 | lx6_%1, " operation : "=r"(result) : "r"(s), "r"(t))

static inline int32_t lx6_min(int32_t a, int32_t b) {
    int32_t result;
    LX6_RRR(result, a, b, "0x43");
    return result;
}

static inline int32_t lx6_max(int32_t a, int32_t b) {
    int32_t result;
    LX6_RRR(result, a, b, "0x53");
    return result;
}

#else
#define SQZ_LX6 0

static inline int32_t lx6_min(int32_t a, int32_t b) {
    return a < b ? a : b;
}

static inline int32_t lx6_max(int32_t a, int32_t b) {
    return a > b ? a : b;
}

#endif
#endif
