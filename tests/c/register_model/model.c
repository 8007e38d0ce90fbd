/* The functions of registers.h, which a test in Python sets. */
#include "registers.h"

uint32_t (*model_read)(uint32_t address);
void (*model_write)(uint32_t address, uint32_t value);
uint32_t (*model_cycles)(void);
void (*model_pause)(void);
uint32_t (*model_rom)(uint32_t function, const uint32_t *arguments);
