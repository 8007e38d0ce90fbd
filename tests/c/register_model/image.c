/* What the builder puts into an image: not const, so that a test can choose. Declared in portable/image_data.h. */
#include <stdint.h>

extern uint32_t image_baud_rate, image_flash_mhz, image_flash_bytes;
uint32_t image_baud_rate = 115200, image_flash_mhz = 40, image_flash_bytes = 4u << 20;
extern uint32_t image_output_pin, image_output_high;
uint32_t image_output_pin = 0xFFFF, image_output_high = 1;
