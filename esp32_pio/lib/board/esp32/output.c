/* The pin that acts. ESP-IDF: gpio_config for an output, gpio_set_level, rtc_gpio_deinit. */
#include "../portable/image_data.h"
#include "board.h"
#include "drivers.h"
#include "register_bits.h"
#include "soc/gpio_reg.h"
#include "soc/io_mux_reg.h"

enum { PINS_PER_REGISTER = 32, PINS = 34 };

/* GPIO_PIN_MUX_REG_OFFSET (gpio_periph.c) of the pins that can be outputs and carry no flash. */
static const uint8_t MUX_OFFSETS[PINS] = {0x44, 0x88, 0x40, 0x84, 0x48, 0x6C, [12] = 0x34, 0x38, 0x30, 0x3C,
    0x4C, 0x50, 0x70, 0x74, [21] = 0x7C, 0x80, 0x8C, [25] = 0x24, 0x28, 0x2C, [32] = 0x1C, 0x20};

/* Pads that belong to the RTC, too, which may have kept one through a restart: rtc_io_desc (rtc_io_periph.c). */
static const struct {
    uint8_t pin, offset, mux_bit;
} RTC_PADS[] = {{25, 0x84, 17}, {26, 0x88, 17}, {33, 0x8C, 18}, {32, 0x8C, 17}, {4, 0x94, 19}, {0, 0x98, 19},
    {2, 0x9C, 19}, {15, 0xA0, 19}, {13, 0xA4, 19}, {12, 0xA8, 19}, {14, 0xAC, 19}, {27, 0xB0, 19}};

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
    for (uint32_t i = 0; i < sizeof RTC_PADS / sizeof RTC_PADS[0]; i++) {
        if (RTC_PADS[i].pin == image_output_pin) {
            reg_clear(RTC_IO_BASE + RTC_PADS[i].offset, 1u << RTC_PADS[i].mux_bit);
        }
    }
    reg_write(GPIO_PIN0_REG + 4 * image_output_pin, 0); /* no open drain, no interrupt */
    reg_write(GPIO_FUNC0_OUT_SEL_CFG_REG + 4 * image_output_pin, SIG_GPIO_OUT_IDX);
    write_bit(GPIO_ENABLE_W1TS_REG, GPIO_ENABLE1_W1TS_REG);
    reg_write(IO_MUX_BASE + MUX_OFFSETS[image_output_pin], PIN_FUNC_GPIO << MCU_SEL_S | 2u << FUN_DRV_S);
}
