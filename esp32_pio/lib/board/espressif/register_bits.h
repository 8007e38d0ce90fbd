/* Read-modify-write and bounded waits, on top of registers.h. */
#ifndef REGISTER_BITS_H
#define REGISTER_BITS_H

#include <stdbool.h>
#include <stdint.h>

#include "registers.h"

static inline void reg_set(uint32_t address, uint32_t bits) {
    reg_write(address, reg_read(address) | bits);
}

static inline void reg_clear(uint32_t address, uint32_t bits) {
    reg_write(address, reg_read(address) & ~bits);
}

/* Replace the bits of `mask` by those of `value`, in one write. */
static inline void reg_field(uint32_t address, uint32_t mask, uint32_t value) {
    reg_write(address, (reg_read(address) & ~mask) | value);
}

/* The field of these bits, `mask` as wide as it is. */
static inline uint32_t reg_bits(uint32_t address, uint32_t shift, uint32_t mask) {
    return reg_read(address) >> shift & mask;
}

/* Wait until the bits of `mask` equal `value`; false after `cycles` without. */
static inline bool reg_wait(uint32_t address, uint32_t mask, uint32_t value, uint32_t cycles) {
    const uint32_t start = cycle_count();
    while ((reg_read(address) & mask) != value) {
        if (cycle_count() - start >= cycles) {
            return false;
        }
    }
    return true;
}

static inline void wait_cycles(uint32_t cycles) {
    const uint32_t start = cycle_count();
    while (cycle_count() - start < cycles) {
    }
}

#endif
