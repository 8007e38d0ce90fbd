/* The BOOT button on GPIO0. */
#include "drivers.h"
#include "register_bits.h"
#include "soc/gpio_reg.h"
#include "soc/io_mux_reg.h"

static const uint32_t GPIO0 = 1;

/* gpio_config and rtc_gpio_pullup_en: GPIO 0 has its pull-up in the RTC's pad, and IO_MUX's does nothing (erratum
   GPIO-3.6). */
void button_init(void) {
    reg_write(PERIPHS_IO_MUX_GPIO0_U, PIN_FUNC_GPIO << MCU_SEL_S | 2u << FUN_DRV_S | FUN_IE);
    reg_field(RTC_IO_TOUCH_PAD1_REG, RTC_IO_TOUCH_PAD1_RUE | RTC_IO_TOUCH_PAD1_RDE, RTC_IO_TOUCH_PAD1_RUE);
}

bool button_held(void) {
    return (reg_read(GPIO_IN_REG) & GPIO0) == 0;
}
