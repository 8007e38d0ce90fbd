/* What the builder puts into the image beside the code: see platform/builder/image_data.py, which writes the
   assembler source that defines these. */
#ifndef IMAGE_DATA_H
#define IMAGE_DATA_H

#include <stdint.h>

extern const uint8_t image_model[], image_golden[];
extern uint8_t image_arena[]; /* bare metal only: as large as the model's header asks for, last in RAM */
extern const char image_version[];
extern const uint32_t image_model_bytes, image_model_crc32, image_golden_bytes, image_golden_crc32;
extern const uint32_t image_baud_rate, image_flash_mhz, image_flash_bytes, image_light, image_continuous;
extern const uint32_t image_camera_orientation, image_camera_warm_up, image_camera_exposure,
    image_camera_white_balance; /* see board_camera_settings */
/* See board_output of board.h. */
enum { NO_OUTPUT = 0xFFFF }; /* image_output_pin */
extern const uint32_t image_output_pin, image_output_high, image_output_hold_ms;
extern const char image_output_class[];

#endif
