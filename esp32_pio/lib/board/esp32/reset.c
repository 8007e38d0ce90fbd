/* Why the chip started, and the reset that starts it again. ESP-IDF: esp_restart_noos and
   esp_system_reset_modules_on_exit (esp_system/port/soc/esp32/system_internal.c); the ROM's
   esp_rom_software_reset_system. */
#include "../portable/reset_name.h"
#include "../two_cores/second_core.h"
#include "drivers.h"
#include "flash_parts.h"
#include "register_bits.h"
#include "soc/dport_reg.h"
#include "soc/rtc_cntl_reg.h"

static uint32_t cause(void) {
    return reg_read(RTC_CNTL_RESET_STATE_REG) & RTC_CNTL_RESET_CAUSE_PROCPU;
}

const char *reset_cause(void) {
    return reset_name(cause(), efuse_revision());
}

const char *reset_cause_second_core(void) {
    const uint32_t state = reg_read(RTC_CNTL_RESET_STATE_REG);
    return reset_name(state >> RTC_CNTL_RESET_CAUSE_APPCPU_S & RTC_CNTL_RESET_CAUSE_APPCPU, efuse_revision());
}

bool reset_by_power(void) {
    return cause() == RESET_POWER_ON;
}

static void pulse(uint32_t address, uint32_t bits) {
    reg_set(address, bits);
    reg_write(address, 0);
}

static void reset_modules(void) {
    pulse(DPORT_CORE_RST_EN_REG, DPORT_WIFIBB_RST | DPORT_FE_RST | DPORT_WIFIMAC_RST | DPORT_BTBB_RST |
                                     DPORT_BTMAC_RST | DPORT_SDIO_RST | DPORT_SDIO_HOST_RST | DPORT_EMAC_RST |
                                     DPORT_MACPWR_RST | DPORT_RW_BTMAC_RST | DPORT_RW_BTLP_RST);
    pulse(DPORT_PERIP_RST_EN_REG, DPORT_TIMERS_RST | DPORT_SPI01_RST | DPORT_SPI2_RST | DPORT_SPI3_RST |
                                      DPORT_SPI_DMA_RST | DPORT_UART_RST | DPORT_UART1_RST | DPORT_UART2_RST |
                                      DPORT_UART_MEM_RST | DPORT_PWM0_RST | DPORT_PWM1_RST | DPORT_I2S0_RST |
                                      DPORT_I2S1_RST | DPORT_UHCI0_RST | DPORT_UHCI1_RST);
    pulse(DPORT_PERI_RST_EN_REG,
        DPORT_PERI_EN_AES | DPORT_PERI_EN_RSA | DPORT_PERI_EN_SHA | DPORT_PERI_EN_DIGITAL_SIGNATURE);
}

void reset_chip(uint32_t crystal_mhz) {
    watchdogs_before_reset(); /* should anything of what follows hang */
    board_hold_second_core();
    flash_cache_off();
    flash_pins_restore();
    uart_drain();
    reset_modules();
    clock_to_crystal(crystal_mhz); /* the RTC keeps the clock's choice, and the ROM counts on the crystal */
    reg_set(RTC_CNTL_OPTIONS0_REG, RTC_CNTL_SW_SYS_RST);
}
