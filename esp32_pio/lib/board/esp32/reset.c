#include <stddef.h>

#include "drivers.h"
#include "register_bits.h"

static const uint32_t RTC_OPTIONS0 = 0x3FF48000, RTC_RESET_STATE = 0x3FF48034;
static const uint32_t SOFTWARE_SYSTEM_RESET = 1u << 31, PRO_CPU_CAUSE = 0x3F;

enum { POWER_ON = 1, CAUSES = 17 };

/* ESP32 Technical Reference Manual, table "PRO_CPU reset reason values". */
static const char *const NAMES[CAUSES] = {
    [POWER_ON] = "power-on", /* the EN button, too */
    [3] = "software",
    [5] = "deep-sleep",
    [6] = "sdio",
    [7] = "watchdog-timer-0",
    [8] = "watchdog-timer-1",
    [9] = "watchdog-rtc",
    [11] = "watchdog-cpu",
    [12] = "software-cpu",
    [13] = "watchdog-rtc-cpu",
    [15] = "brownout",
    [16] = "watchdog-rtc-system",
};

static uint32_t cause(void) {
    return reg_read(RTC_RESET_STATE) & PRO_CPU_CAUSE;
}

const char *reset_cause(void) {
    const uint32_t number = cause();
    const char *name = number < CAUSES ? NAMES[number] : NULL;
    return name != NULL ? name : "unknown";
}

bool reset_by_power(void) {
    return cause() == POWER_ON;
}

void reset_chip(uint32_t crystal_mhz) {
    uart_drain();
    clock_to_crystal(crystal_mhz); /* the RTC keeps the clock's choice, and the ROM counts on the crystal */
    reg_set(RTC_OPTIONS0, SOFTWARE_SYSTEM_RESET);
}
