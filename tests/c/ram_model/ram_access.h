/* Stands in for esp32_pio/lib/board/include/ram_access.h: accesses go to a model in Python. */
#ifndef RAM_ACCESS_H
#define RAM_ACCESS_H

#include <stdint.h>

extern uint32_t (*model_read)(const uint32_t *word);
extern void (*model_write)(uint32_t *word, uint32_t value);

static inline uint32_t ram_read(const uint32_t *word) {
    return model_read(word);
}

static inline void ram_write(uint32_t *word, uint32_t value) {
    model_write(word, value);
}

#endif
