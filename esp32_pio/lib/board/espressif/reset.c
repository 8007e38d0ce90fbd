/* Why the chip started, and the reset that starts it again. ESP-IDF: soc/CHIP/include/soc/reset_reasons.h;
   esp_restart_noos and esp_system_reset_modules_on_exit (esp_system/port/soc/CHIP/system_internal.c); the ROM's
   esp_rom_software_reset_cpu. */
#include <stddef.h>

#include "../two_cores/second_core.h"
#include "drivers.h"
#include "register_bits.h"
#include "soc/rtc_cntl_reg.h"
#include "soc/system_reg.h"
#include "soc/uart_reg.h"

enum { POWER_ON = 1, CAUSES = 24 };

static const char *const CAUSE_NAMES[CAUSES] = {
    [POWER_ON] = "power-on",
    [3] = "software",
    [5] = "deep-sleep",
    [7] = "watchdog-timer-0",
    [8] = "watchdog-timer-1",
    [9] = "watchdog-rtc",
    [11] = "watchdog-cpu",
    [12] = "software-cpu",
    [13] = "watchdog-rtc-cpu",
    [15] = "brownout",
    [16] = "watchdog-rtc-system",
    [17] = "watchdog-cpu",
    [18] = "watchdog-super",
    [19] = "clock-glitch",
    [20] = "efuse-crc",
    [21] = "usb",
    [22] = "usb-jtag",
    [23] = "power-glitch",
};

static uint32_t cause(void) {
    return reg_read(RTC_CNTL_RESET_STATE_REG) & RTC_CNTL_RESET_CAUSE_PROCPU;
}

static const char *name_of(uint32_t number) {
    const char *name = number < CAUSES ? CAUSE_NAMES[number] : NULL;
    return name != NULL ? name : "unknown";
}

const char *reset_cause(void) {
    return name_of(cause());
}

const char *reset_cause_second_core(void) {
#ifdef RTC_CNTL_RESET_CAUSE_APPCPU
    return name_of(
        reg_read(RTC_CNTL_RESET_STATE_REG) >> RTC_CNTL_RESET_CAUSE_APPCPU_S & RTC_CNTL_RESET_CAUSE_APPCPU);
#else
    return "none";
#endif
}

bool reset_by_power(void) {
    return cause() == POWER_ON;
}

/* Those that this firmware has used, and the timers. */
static void reset_modules(void) {
    reg_set(UART_CLK_CONF_REG, UART_RST_CORE); /* the ROM clears it */
    reg_set(SYSTEM_PERIP_RST_EN0_REG,
        SYSTEM_TIMERS_RST | SYSTEM_SPI01_RST | SYSTEM_UART_RST | SYSTEM_SYSTIMER_RST);
    reg_write(SYSTEM_PERIP_RST_EN0_REG, 0);
}

void reset_chip(void) {
    watchdogs_before_reset(); /* should anything of what follows hang */
    board_hold_second_core();
    flash_cache_off();
    uart_drain();
    reset_modules();
    clock_to_crystal();
    reg_set(RTC_CNTL_OPTIONS0_REG, RTC_CNTL_SW_PROCPU_RST);
}
