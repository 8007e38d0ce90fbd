/* The pin that acts, by ESP-IDF's GPIO driver. */
#include <stddef.h>

#include "board.h"
#include "driver/gpio.h"
#include "drivers.h"

void output_start(void) {
    const board_output *output = board_default_output();
    if (output == NULL) {
        return;
    }
    board_act(false); /* before the pin drives anything */
    const gpio_config_t config = {.pin_bit_mask = UINT64_C(1) << output->pin, .mode = GPIO_MODE_OUTPUT};
    gpio_config(&config);
}

void board_act(bool on) {
    const board_output *output = board_default_output();
    if (output != NULL) {
        gpio_set_level((gpio_num_t)output->pin, on == output->active_high);
    }
}
