/* The voltages of the core's two regulators by their settings. ESP-IDF: get_rtc_dbias_by_efuse and its neighbours in
   esp_hw_support/port/CHIP/rtc_init.c. */
#include "drivers.h"

enum {
    MIDDLE = 20,
    FIRST = 15,
    LAST = 31,
    BELOW = 250,
    PER_STEP = 10000 / 500,
    MIDDLE_BITS = 7,
    STEP_BITS = 6
};

/* A sign above `bits` bits of magnitude. */
static int32_t signed_field(uint32_t value, uint32_t bits) {
    const int32_t magnitude = (int32_t)(value & ((1u << bits) - 1));
    return (value >> bits & 1u) != 0 ? -magnitude : magnitude;
}

regulator regulator_calibrated(regulator all, uint32_t middle, uint32_t step) {
    return (regulator){.middle = all.middle + signed_field(middle, MIDDLE_BITS) * PER_STEP,
        .step = all.step + signed_field(step, STEP_BITS)};
}

int32_t regulator_voltage(regulator which, uint32_t setting) {
    return which.middle + which.step * ((int32_t)setting - MIDDLE);
}

uint32_t regulator_setting(regulator which, int32_t voltage) {
    uint32_t setting = FIRST;
    while (setting < LAST && regulator_voltage(which, setting) < voltage) {
        setting++;
    }
    return setting;
}

/* The RTC's comes close to the digital one. */
uint32_t regulator_rtc_setting(regulator rtc, int32_t digital) {
    return regulator_setting(rtc, digital - BELOW);
}
