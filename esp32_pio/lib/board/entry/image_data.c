#include "image_data.h"

#include "board.h"

board_file board_model(void) {
    return (board_file){image_model, image_model_bytes, image_model_crc32};
}

board_file board_golden(void) {
    return (board_file){image_golden, image_golden_bytes, image_golden_crc32};
}

uint8_t *board_arena(uint32_t *bytes) {
    *bytes = image_arena_bytes;
    return image_arena;
}

const char *board_firmware_version(void) {
    return image_version;
}
