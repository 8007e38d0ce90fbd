/* The only way from the drivers to the hardware. Tests compile the drivers with another header of this name found
   first, which talks to a model of the registers. */
#ifndef REGISTERS_H
#define REGISTERS_H

#include <stdint.h>

static inline uint32_t reg_read(uint32_t address) {
    return *(const volatile uint32_t *)(uintptr_t)address;
}

static inline void reg_write(uint32_t address, uint32_t value) {
    *(volatile uint32_t *)(uintptr_t)address = value;
}

/* The core's own counter, by the numbers of its control registers: mpcer and mpcmr choose and start it, mpccr is it.
   ESP-IDF: riscv/include/riscv/rv_utils.h (CSR_PCER_MACHINE, CSR_PCMR_MACHINE, CSR_PCCR_MACHINE). */
static inline void cycle_count_start(void) {
    __asm__ volatile(".option push\n"
                     ".option arch, +zicsr\n"
                     "csrw 0x7E0, %0\n" /* cycles */
                     "csrw 0x7E1, %0\n" /* count */
                     ".option pop"
        :
        : "r"(1));
}

/* One more with each CPU cycle. */
static inline uint32_t cycle_count(void) {
    uint32_t count;
    __asm__ volatile(".option push\n.option arch, +zicsr\ncsrr %0, 0x7E2\n.option pop" : "=r"(count));
    return count;
}

#endif
