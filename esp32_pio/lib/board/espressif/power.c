/* The detector of a weak supply. ESP-IDF: esp_brownout_init (esp_hw_support/power_supply/brownout.c) with
   brownout_hal_config and esp_hal_pmu's brownout_ll.h of both chips: the branch without an interrupt, this firmware has
   none. */
#include "drivers.h"
#include "register_bits.h"
#include "soc/regi2c_reg.h"
#include "soc/rtc_cntl_reg.h"

enum {
    THRESHOLD = 7,
    INTERRUPT_WAIT = 2,
    RESET_WAIT = 0x3FF
}; /* CONFIG_ESP_BROWNOUT_DET_LVL: 2.51 V (C3), 2.44 (S3) */

const char *power_brownout_on(void) {
    reg_clear(RTC_CNTL_FIB_SEL_REG, BROWNOUT_DETECTOR_LL_FIB_ENABLE);
    reg_clear(RTC_CNTL_BROWN_OUT_REG, RTC_CNTL_BROWN_OUT_ANA_RST_EN); /* it would come first, and unnamed */
    reg_field(RTC_CNTL_BROWN_OUT_REG, RTC_CNTL_BROWN_OUT_INT_WAIT_M,
        INTERRUPT_WAIT << RTC_CNTL_BROWN_OUT_INT_WAIT_S);
    reg_set(RTC_CNTL_BROWN_OUT_REG, RTC_CNTL_BROWN_OUT_CLOSE_FLASH_ENA | RTC_CNTL_BROWN_OUT_PD_RF_ENA);
    reg_set(RTC_CNTL_BROWN_OUT_REG, RTC_CNTL_BROWN_OUT_CNT_CLR);
    reg_clear(RTC_CNTL_BROWN_OUT_REG, RTC_CNTL_BROWN_OUT_CNT_CLR);
    reg_field(RTC_CNTL_BROWN_OUT_REG, RTC_CNTL_BROWN_OUT_RST_WAIT_M,
        (uint32_t)RESET_WAIT << RTC_CNTL_BROWN_OUT_RST_WAIT_S);
    reg_set(RTC_CNTL_BROWN_OUT_REG, RTC_CNTL_BROWN_OUT_RST_ENA | RTC_CNTL_BROWN_OUT_RST_SEL);
    if (!regi2c_write_mask(I2C_BOD, I2C_BOD_THRESHOLD, 2, 0, THRESHOLD)) {
        return "off: its threshold cannot be set";
    }
    reg_set(RTC_CNTL_BROWN_OUT_REG, RTC_CNTL_BROWN_OUT_ENA);
    return "on";
}
