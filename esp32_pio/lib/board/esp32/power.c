/* The flash's supply, and the detector of a weak supply. ESP-IDF: bootloader_common_vddsdio_configure
   (bootloader_common.c) with rtc_vddsdio_get_config and _set_config (rtc_init.c); esp_brownout_init (brownout.c) with
   brownout_hal_config. */
#include "../portable/flash_facts.h"
#include "drivers.h"
#include "register_bits.h"
#include "soc/efuse_reg.h"
#include "soc/gpio_reg.h"
#include "soc/rtc_cntl_reg.h"

enum { STABLE_CYCLES = 10 * 240 }; /* at least 10 us, whatever the clock */

typedef struct {
    bool internal, low; /* fed by the chip's own regulator; at 1.8 V */
} flash_supply;

static flash_supply find_supply(void) {
    const uint32_t chosen = reg_read(RTC_CNTL_SDIO_CONF_REG);
    if ((chosen & RTC_CNTL_SDIO_FORCE) != 0) {
        return (flash_supply){
            .internal = (chosen & RTC_CNTL_XPD_SDIO_REG) != 0, .low = (chosen & RTC_CNTL_SDIO_TIEH) == 0};
    }
    const uint32_t burnt = reg_read(EFUSE_BLK0_RDATA4_REG);
    if ((burnt & EFUSE_RD_XPD_SDIO_FORCE) != 0) {
        return (flash_supply){
            .internal = (burnt & EFUSE_RD_XPD_SDIO_REG) != 0, .low = (burnt & EFUSE_RD_XPD_SDIO_TIEH) == 0};
    }
    return (flash_supply){.internal = true, .low = (reg_read(GPIO_STRAP_REG) & GPIO_STRAP_MTDI) != 0};
}

const char *power_flash_supply(void) {
    const flash_supply supply = find_supply();
    if (!supply.internal) {
        return FLASH_SUPPLY_EXTERNAL;
    }
    if (!supply.low) {
        return FLASH_SUPPLY_3_3V;
    }
    reg_write(RTC_CNTL_SDIO_CONF_REG, RTC_CNTL_SDIO_FORCE | RTC_CNTL_XPD_SDIO_REG | RTC_CNTL_DREFH_SDIO_M |
                                          RTC_CNTL_DREFM_SDIO_M | RTC_CNTL_DREFL_SDIO_M |
                                          RTC_CNTL_SDIO_PD_EN);
    wait_cycles(STABLE_CYCLES);
    return FLASH_SUPPLY_RAISED;
}

/* The branch without an interrupt: this firmware has none. Threshold 0 is 2.43 V, ESP-IDF's default. */
const char *power_brownout_on(void) {
    if (efuse_revision() < 100) {
        return "off: erratum RES-3.4 of revision 0";
    }
    reg_write(RTC_CNTL_BROWN_OUT_REG, RTC_CNTL_BROWN_OUT_ENA | 0u << RTC_CNTL_DBROWN_OUT_THRES_S |
                                          RTC_CNTL_BROWN_OUT_RST_ENA |
                                          RTC_CNTL_BROWN_OUT_RST_WAIT << RTC_CNTL_BROWN_OUT_RST_WAIT_S |
                                          RTC_CNTL_BROWN_OUT_PD_RF_ENA | RTC_CNTL_BROWN_OUT_CLOSE_FLASH_ENA);
    return "on";
}
