/* Why the chip started, as ESP-IDF's esp_reset_reason() has it. */
#include <stddef.h>

#include "drivers.h"
#include "esp_system.h"

const char *reset_cause(void) {
    switch (esp_reset_reason()) {
    case ESP_RST_POWERON:
        return "power-on";
    case ESP_RST_EXT:
        return "external";
    case ESP_RST_SW:
        return "software";
    case ESP_RST_PANIC:
        return "panic";
    case ESP_RST_INT_WDT:
        return "watchdog-interrupt";
    case ESP_RST_TASK_WDT:
        return "watchdog-task";
    case ESP_RST_WDT:
        return "watchdog-rtc";
    case ESP_RST_DEEPSLEEP:
        return "deep-sleep";
    case ESP_RST_BROWNOUT:
        return "brownout";
    case ESP_RST_SDIO:
        return "sdio";
    default:
        return "unknown";
    }
}

bool reset_by_power(void) {
    return esp_reset_reason() == ESP_RST_POWERON;
}

bool reset_by_crash(void) {
    const esp_reset_reason_t reason = esp_reset_reason();
    return reason == ESP_RST_PANIC || reason == ESP_RST_INT_WDT || reason == ESP_RST_TASK_WDT ||
           reason == ESP_RST_WDT;
}
