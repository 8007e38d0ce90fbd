/* The pin that acts. ESP-IDF: gpio_config for an output, gpio_set_level, rtc_gpio_deinit. */
#include "../portable/image_data.h"
#include "board.h"
#include "drivers.h"
#include "register_bits.h"
#include "soc/gpio_reg.h"

/* RTC_PADS: those that belong to the RTC, too, are the first ones (rtc_io_periph.c). */
enum { PINS_PER_REGISTER = 32, PINS = 49, RTC_PADS = 22 };

/* Of the pair of registers for pins below 32 and from there on. */
static void write_bit(uint32_t lower, uint32_t upper) {
    const bool low = image_output_pin < PINS_PER_REGISTER;
    reg_write(low ? lower : upper, 1u << image_output_pin % PINS_PER_REGISTER);
}

void board_act(bool on) {
    if (image_output_pin >= PINS) {
        return;
    }
    if (on == (image_output_high != 0)) {
        write_bit(GPIO_OUT_W1TS_REG, GPIO_OUT1_W1TS_REG);
    } else {
        write_bit(GPIO_OUT_W1TC_REG, GPIO_OUT1_W1TC_REG);
    }
}

void output_init(void) {
    if (image_output_pin >= PINS) {
        return;
    }
    board_act(false); /* before the pin drives anything */
    if (image_output_pin < RTC_PADS) {
        reg_clear(RTC_IO_PAD0_REG + 4 * image_output_pin, RTC_IO_PAD_MUX_SEL);
    }
    reg_write(GPIO_PIN0_REG + 4 * image_output_pin, 0); /* no open drain, no interrupt */
    reg_write(GPIO_FUNC0_OUT_SEL_CFG_REG + 4 * image_output_pin, SIG_GPIO_OUT_IDX);
    write_bit(GPIO_ENABLE_W1TS_REG, GPIO_ENABLE1_W1TS_REG);
    reg_write(IO_MUX_GPIO0_REG + 4 * image_output_pin, PIN_FUNC_GPIO << MCU_SEL_S | 2u << FUN_DRV_S);
}
