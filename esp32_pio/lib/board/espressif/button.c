/* The BOOT button. ESP-IDF: gpio_config; the pull-up is IO_MUX's on the S3's RTC pads, too
   (SOC_GPIO_SUPPORT_RTC_INDEPENDENT of soc/esp32s3/include/soc/soc_caps.h). */
#include "drivers.h"
#include "register_bits.h"
#include "soc/gpio_reg.h"

void button_init(void) {
    reg_write(
        IO_MUX_GPIO0_REG + 4 * BUTTON_PIN, PIN_FUNC_GPIO << MCU_SEL_S | 2u << FUN_DRV_S | FUN_IE | FUN_PU);
}

bool button_held(void) {
    return (reg_read(GPIO_IN_REG) & 1u << BUTTON_PIN) == 0;
}
