/* Stands in for the registers.h of a chip in esp32_pio/lib/board: the drivers' accesses go to a model in Python. */
#ifndef REGISTERS_H
#define REGISTERS_H

#include <stdint.h>

extern uint32_t (*model_read)(uint32_t address);
extern void (*model_write)(uint32_t address, uint32_t value);
extern uint32_t (*model_cycles)(void);
extern void (*model_pause)(void);
extern uint32_t (*model_rom)(uint32_t function, const uint32_t *arguments);

static inline uint32_t reg_read(uint32_t address) {
    return model_read(address);
}

static inline void reg_write(uint32_t address, uint32_t value) {
    model_write(address, value);
}

static inline uint32_t cycle_count(void) {
    return model_cycles();
}

static inline void cycle_count_start(void) {}

static inline void fifo_read_pause(void) {
    model_pause();
}

enum { ROM_ARGUMENTS = 6 };

static inline uint32_t rom_call(uint32_t function, const uint32_t arguments[ROM_ARGUMENTS]) {
    return model_rom(function, arguments);
}

#endif
