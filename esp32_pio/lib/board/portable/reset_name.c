/* The names of a classic ESP32's reset reasons, by their numbers. */
#include "reset_name.h"

#include <stddef.h>

enum { WATCHDOG_RTC_SYSTEM = 16, CAUSES = 17, REVISION_3 = 300 };

/* ESP-IDF: soc/esp32/include/soc/reset_reasons.h */
static const char *const NAMES[CAUSES] = {
    [RESET_POWER_ON] = "power-on",
    [3] = "software",
    [5] = "deep-sleep",
    [6] = "sdio",
    [7] = "watchdog-timer-0",
    [8] = "watchdog-timer-1",
    [9] = "watchdog-rtc",
    [11] = "watchdog-cpu",
    [12] = "software-cpu",
    [13] = "watchdog-rtc-cpu",
    [14] = "other-core",
    [15] = "brownout",
    [WATCHDOG_RTC_SYSTEM] = "watchdog-rtc-system",
};

const char *reset_name(uint32_t number, uint32_t revision) {
    if (number == WATCHDOG_RTC_SYSTEM && revision < REVISION_3) {
        return "power-on-or-watchdog"; /* a flash that is slow to wake: erratum RES-3.8 */
    }
    const char *name = number < CAUSES ? NAMES[number] : NULL;
    return name != NULL ? name : "unknown";
}
