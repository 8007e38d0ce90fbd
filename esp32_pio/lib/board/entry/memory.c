/* The memory that an image on bare metal leaves free: the arena, and what lies behind it up to the end of RAM. */
#include "../portable/image_data.h"
#include "board.h"

extern const uint8_t _memory_end[]; /* linker script: where RAM ends, or the arena does when that is later */

uint8_t *board_memory(uint32_t *bytes) {
    *bytes = (uint32_t)(_memory_end - image_arena);
    return image_arena;
}
