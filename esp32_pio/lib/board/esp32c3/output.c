/* The pin that acts. ESP-IDF: gpio_config for an output, gpio_set_level. */
#include "../portable/image_data.h"
#include "board.h"
#include "drivers.h"
#include "register_bits.h"
#include "soc/gpio_reg.h"

enum { PINS = 22 };

void board_act(bool on) {
    if (image_output_pin < PINS) {
        const bool high = on == (image_output_high != 0);
        reg_write(high ? GPIO_OUT_W1TS_REG : GPIO_OUT_W1TC_REG, 1u << image_output_pin);
    }
}

void output_init(void) {
    if (image_output_pin >= PINS) {
        return;
    }
    board_act(false);                                   /* before the pin drives anything */
    reg_write(GPIO_PIN0_REG + 4 * image_output_pin, 0); /* no open drain, no interrupt */
    reg_write(GPIO_FUNC0_OUT_SEL_CFG_REG + 4 * image_output_pin, SIG_GPIO_OUT_IDX);
    reg_write(GPIO_ENABLE_W1TS_REG, 1u << image_output_pin);
    reg_write(IO_MUX_GPIO0_REG + 4 * image_output_pin, PIN_FUNC_GPIO << MCU_SEL_S | 2u << FUN_DRV_S);
}
