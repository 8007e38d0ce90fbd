#include "image_data.h"

#include "board.h"

extern const uint8_t _memory_end[]; /* linker script: where RAM ends, or the arena does when that is later */

board_file board_model(void) {
    return (board_file){image_model, image_model_bytes, image_model_crc32};
}

board_file board_golden(void) {
    return (board_file){image_golden, image_golden_bytes, image_golden_crc32};
}

uint8_t *board_memory(uint32_t *bytes) {
    *bytes = (uint32_t)(_memory_end - image_arena);
    return image_arena;
}

uint32_t board_default_baud(void) {
    return image_baud_rate;
}

const char *board_firmware_version(void) {
    return image_version;
}
