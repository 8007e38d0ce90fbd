/* RAM for a model, from ESP-IDF's heap: inside the chip where it fits, else in PSRAM. */
#include <stddef.h>

#include "board.h"
#include "drivers.h"
#include "esp_heap_caps.h"

enum {
    ALIGNMENT = 16,
    PREPARATION_BYTES = 8192, /* beside the arena: see board_memory() */
    /* Of PSRAM, for a model that comes over the line; testing all of it at each boot would take long. */
    LOADED_MODEL_BYTES = 1 << 20,
};

static uint8_t *memory;
static uint32_t memory_bytes;

/* The most of a kind that can be had in one piece, up to `wanted` bytes. */
static uint32_t largest(uint32_t kind, uint32_t wanted) {
    const size_t free_bytes = heap_caps_get_largest_free_block(kind);
    /* Less what the heap keeps for itself. */
    const size_t usable = free_bytes > 4 * ALIGNMENT ? free_bytes - 4 * ALIGNMENT : 0;
    return (uint32_t)(usable < wanted ? usable : wanted) & ~(uint32_t)(ALIGNMENT - 1);
}

static void take(uint32_t kind, uint32_t bytes) {
    memory = heap_caps_aligned_alloc(ALIGNMENT, bytes, kind);
    memory_bytes = memory != NULL ? bytes : 0;
}

const char *memory_start(uint32_t arena_bytes) {
    const uint32_t inside = MALLOC_CAP_INTERNAL | MALLOC_CAP_8BIT, outside = MALLOC_CAP_SPIRAM;
    const uint32_t internal = largest(inside, UINT32_MAX);
    const bool fits = arena_bytes <= internal && internal - arena_bytes >= PREPARATION_BYTES;
    const uint32_t external =
        fits ? 0 : largest(outside, arena_bytes + PREPARATION_BYTES + LOADED_MODEL_BYTES);
    if (external > internal) {
        take(outside, external);
        return "psram";
    }
    take(inside, internal);
    return "internal";
}

uint8_t *board_memory(uint32_t *bytes) {
    *bytes = memory_bytes;
    return memory;
}
