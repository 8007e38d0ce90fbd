/* The only way from the drivers to the hardware. Tests compile the drivers with another header of this name found
   first, which talks to a model of the registers. */
#ifndef REGISTERS_H
#define REGISTERS_H

#include <stdint.h>

/* `volatile` makes the compiler put a MEMW before each access, which erratum CPU-3.16 asks for: reads at 0x3FF0_0000
   and 0x3FF4_0000 may be speculative. */
static inline uint32_t reg_read(uint32_t address) {
    return *(const volatile uint32_t *)(uintptr_t)address;
}

static inline void reg_write(uint32_t address, uint32_t value) {
    *(volatile uint32_t *)(uintptr_t)address = value;
}

/* CCOUNT: one more with each CPU cycle. */
static inline uint32_t cycle_count(void) {
    uint32_t count;
    __asm__ volatile("rsr %0, ccount" : "=a"(count));
    return count;
}

/* After each read of a FIFO: its read pointer moves late, and a next read or status would still see the old one.
   Erratum CPU-3.16 asks for seven nops at 240 MHz; ESP-IDF has one (uart_ll.h, uart_ll_read_rxfifo). */
static inline void fifo_read_pause(void) {
    __asm__ volatile("nop\n nop\n nop\n nop\n nop\n nop\n nop");
}

#endif
