/* The watchdogs: off while the firmware runs, one of them on for a restart. ESP-IDF: esp_hal_wdt's rwdt_ll.h, mwdt_ll.h
   and wdt_hal_iram.c, as esp_restart_noos (system_internal.c) uses them; bootloader_super_wdt_auto_feed
   (bootloader_esp32c3.c, bootloader_esp32s3.c). */
#include "drivers.h"
#include "register_bits.h"
#include "soc/rtc_cntl_reg.h"
#include "soc/timer_group_reg.h"

/* SOC_CLK_RC_SLOW_FREQ_APPROX: what counts the RTC watchdog's time, in Hz, give or take a third. */
enum { SLOW_CLOCK_HZ = 136000 };

static void timer_watchdog_off(uint32_t group) {
    reg_write(TIMG_WDTWPROTECT_REG(group), TIMG_WDT_WKEY_VALUE);
    reg_write(TIMG_WDTCONFIG0_REG(group), TIMG_WDTCONFIG0_OFF);
    reg_write(TIMG_WDTWPROTECT_REG(group), 0);
}

static void super_watchdog_off(void) {
    reg_write(RTC_CNTL_SWD_WPROTECT_REG, RTC_CNTL_SWD_WKEY_VALUE);
    reg_set(RTC_CNTL_SWD_CONF_REG, RTC_CNTL_SWD_AUTO_FEED_EN);
    reg_write(RTC_CNTL_SWD_WPROTECT_REG, 0);
}

void watchdogs_off(void) {
    reg_write(RTC_CNTL_WDTWPROTECT_REG, RTC_CNTL_WDT_WKEY_VALUE);
    reg_write(RTC_CNTL_WDTFEED_REG, RTC_CNTL_WDT_FEED);
    reg_write(RTC_CNTL_WDTCONFIG0_REG, 0); /* this also ends the flash boot mode */
    reg_write(RTC_CNTL_WDTWPROTECT_REG, 0);
    super_watchdog_off();
    timer_watchdog_off(0);
    timer_watchdog_off(1);
}

void watchdogs_before_reset(void) {
    reg_write(RTC_CNTL_WDTWPROTECT_REG, RTC_CNTL_WDT_WKEY_VALUE);
    reg_write(RTC_CNTL_WDTCONFIG0_REG, 0); /* nothing runs while the stages are set */
    reg_write(RTC_CNTL_INT_CLR_REG, RTC_CNTL_WDT_INT_CLR);
    reg_clear(RTC_CNTL_INT_ENA_REG, RTC_CNTL_WDT_INT_ENA);
    reg_write(
        RTC_CNTL_WDTCONFIG1_REG, (uint32_t)SLOW_CLOCK_HZ >> (1 + efuse_watchdog_delay())); /* one second */
    reg_write(RTC_CNTL_WDTCONFIG2_REG, SLOW_CLOCK_HZ);
    reg_write(RTC_CNTL_WDTCONFIG0_REG, RTC_WDT_STG_SEL_RESET_SYSTEM << RTC_CNTL_WDT_STG0_S |
                                           RTC_WDT_STG_SEL_RESET_RTC << RTC_CNTL_WDT_STG1_S |
                                           RTC_WDT_RESET_LENGTH_3200_NS << RTC_CNTL_WDT_CPU_RESET_LENGTH_S |
                                           RTC_WDT_RESET_LENGTH_3200_NS << RTC_CNTL_WDT_SYS_RESET_LENGTH_S |
                                           RTC_CNTL_WDT_FLASHBOOT_MOD_EN | RTC_CNTL_WDT_CPUS_RESET_EN |
                                           RTC_CNTL_WDT_PAUSE_IN_SLP);
    reg_write(RTC_CNTL_WDTFEED_REG, RTC_CNTL_WDT_FEED);
    reg_write(RTC_CNTL_WDTWPROTECT_REG, 0);
    timer_watchdog_off(0);
    timer_watchdog_off(1);
}
