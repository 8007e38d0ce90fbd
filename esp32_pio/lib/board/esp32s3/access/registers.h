/* The only way from the drivers to the hardware and to the ROM. Tests compile the drivers with another header of this
   name found first, which talks to a model of both. */
#ifndef REGISTERS_H
#define REGISTERS_H

#include <stdint.h>

static inline uint32_t reg_read(uint32_t address) {
    return *(const volatile uint32_t *)(uintptr_t)address;
}

static inline void reg_write(uint32_t address, uint32_t value) {
    *(volatile uint32_t *)(uintptr_t)address = value;
}

/* CCOUNT: one more with each CPU cycle. It always runs. */
static inline void cycle_count_start(void) {}

static inline uint32_t cycle_count(void) {
    uint32_t count;
    __asm__ volatile("rsr %0, ccount" : "=a"(count));
    return count;
}

enum { ROM_ARGUMENTS = 6 };

/* A function of the ROM by its address, with as many of the arguments as it takes; what it returns. */
uint32_t rom_call(uint32_t function, const uint32_t arguments[ROM_ARGUMENTS]);

#endif
