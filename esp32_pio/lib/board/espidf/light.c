/* The white LED beside the camera, by ESP-IDF's GPIO driver. */
#include "board.h"
#include "driver/gpio.h"
#include "drivers.h"
#include "pins.h"

void light_start(void) {
    if (pins.light == NO_PIN) {
        return;
    }
    const gpio_config_t config = {.pin_bit_mask = UINT64_C(1) << pins.light, .mode = GPIO_MODE_OUTPUT};
    gpio_config(&config);
    board_light(false);
}

void board_light(bool on) {
    if (pins.light != NO_PIN) {
        gpio_set_level(pins.light, on);
    }
}
