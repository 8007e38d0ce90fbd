/* The RAM test's only way to the memory. Its test on the host compiles it with another header of this name found
   first, which leads to a model of a faulty memory. */
#ifndef RAM_ACCESS_H
#define RAM_ACCESS_H

#include <stdint.h>

/* For the compiler, everything in memory may have changed. `volatile` would make it wait for each access, too, which
   takes longer than the access. */
static inline void ram_barrier(void) {
    __asm__ volatile("" ::: "memory");
}

static inline uint32_t ram_read(const uint32_t *word) {
    ram_barrier();
    return *word;
}

static inline void ram_write(uint32_t *word, uint32_t value) {
    *word = value;
    ram_barrier();
}

#endif
