/* How deep a painted stack has been. */
#ifndef STACK_H
#define STACK_H

#include <stdint.h>

/* The entries fill the stacks with this word before they call C. */
enum { STACK_PAINT = (int32_t)0xA5A5A5A5 };

static inline uint32_t stack_used(const uint32_t *bottom, const uint32_t *top) {
    const uint32_t *word = bottom;
    while (word < top && *word == (uint32_t)STACK_PAINT) {
        word++;
    }
    return (uint32_t)(top - word) * 4u;
}

#endif
