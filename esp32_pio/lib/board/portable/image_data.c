/* What the builder put into the image, as board.h hands it out. */
#include "image_data.h"

#include <stddef.h>

#include "board.h"

board_file board_model(void) {
    return (board_file){image_model, image_model_bytes, image_model_crc32};
}

board_file board_golden(void) {
    return (board_file){image_golden, image_golden_bytes, image_golden_crc32};
}

uint32_t board_default_baud(void) {
    return image_baud_rate;
}

bool board_default_light(void) {
    return image_light != 0;
}

bool board_default_continuous(void) {
    return image_continuous != 0;
}

board_camera_settings board_default_camera(void) {
    return (board_camera_settings){(uint8_t)image_camera_orientation, (uint8_t)image_camera_warm_up,
        (uint16_t)image_camera_exposure, (uint8_t)image_camera_white_balance};
}

const board_output *board_default_output(void) {
    static board_output output;
    output =
        (board_output){image_output_class, image_output_pin, image_output_high != 0, image_output_hold_ms};
    return image_output_pin != NO_OUTPUT ? &output : NULL;
}

const char *board_firmware_version(void) {
    return image_version;
}
