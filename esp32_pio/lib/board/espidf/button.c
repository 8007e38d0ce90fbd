/* The button of a camera board, by ESP-IDF's GPIO driver. */
#include "board.h"
#include "driver/gpio.h"
#include "drivers.h"
#include "pins.h"

void button_start(void) {
    if (pins.button == NO_PIN) {
        return;
    }
    const gpio_config_t config = {
        .pin_bit_mask = UINT64_C(1) << pins.button,
        .mode = GPIO_MODE_INPUT,
        /* Pads 34 to 39 have none: there the board has a resistor. */
        .pull_up_en = GPIO_IS_VALID_OUTPUT_GPIO(pins.button) ? GPIO_PULLUP_ENABLE : GPIO_PULLUP_DISABLE,
    };
    gpio_config(&config);
}

bool board_button(void) {
    return pins.button != NO_PIN && gpio_get_level(pins.button) == 0;
}
