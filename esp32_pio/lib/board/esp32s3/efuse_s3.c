/* What is burnt into an ESP32-S3's eFuses otherwise than an ESP32-C3's. ESP-IDF: hal/esp32s3/efuse_hal.c and
   efuse_ll.h; the voltages: rtc_set_stored_dbias and what it calls, of esp_hw_support/port/esp32s3/rtc_init.c; the
   names: esptool's targets/esp32s3.py. */
#include <stddef.h>

#include "drivers.h"
#include "register_bits.h"
#include "soc/efuse_reg.h"

const char *efuse_chip_name(void) {
    switch (reg_bits(EFUSE_RD_MAC_SPI_SYS_3_REG, EFUSE_PKG_VERSION_S, EFUSE_PKG_VERSION)) {
    case 0:
        return "ESP32-S3 (QFN56)";
    case 1:
        return "ESP32-S3-PICO-1 (LGA56)";
    default:
        return "unknown ESP32-S3";
    }
}

static uint32_t block_major(void) {
    return reg_bits(EFUSE_RD_SYS_PART1_DATA4_REG, EFUSE_BLK_VERSION_MAJOR_S, EFUSE_BLK_VERSION_MAJOR);
}

static uint32_t block_minor(void) {
    return reg_bits(EFUSE_RD_MAC_SPI_SYS_3_REG, EFUSE_BLK_VERSION_MINOR_S, EFUSE_BLK_VERSION_MINOR);
}

/* Chips v0.0 have something else in two of the revision's fields: is_eco0. */
uint32_t efuse_revision(void) {
    const uint32_t minor = efuse_minor_revision();
    const bool first = (minor & 7u) == 0 && block_major() == 1 && block_minor() == 1;
    return first ? 0 : 100 * efuse_major_revision() + minor;
}

const char *efuse_one_core(void) {
    return (reg_read(EFUSE_RD_REPEAT_DATA0_REG) & EFUSE_DIS_APP_CPU) != 0 ? "single-core part" : NULL;
}

bool efuse_flash_supported(void) {
    return (reg_read(EFUSE_RD_REPEAT_DATA3_REG) & EFUSE_FLASH_TYPE) == 0; /* else it has eight lines */
}

/* V_RTC_MID_MUL10000 and so on of soc/rtc.h */
static const regulator RTC = {.middle = 10181, .step = 198}, DIGITAL = {.middle = 10841, .step = 211};
enum { UNCALIBRATED = 28, MORE = 3, HIGHEST = 13000 }; /* 240 MHz; below, each one less */

static bool calibrated(void) {
    const uint32_t major = block_major(), minor = block_minor();
    return (major <= 1 && minor == 1) || major > 1 || (major == 1 && minor >= 2);
}

core_voltage efuse_core_voltage(bool fastest) {
    const uint32_t less = fastest ? 0 : 1;
    const uint32_t word = reg_read(EFUSE_RD_MAC_SPI_SYS_4_REG), next = reg_read(EFUSE_RD_MAC_SPI_SYS_5_REG);
    const uint32_t burnt = next >> EFUSE_DIG_DBIAS_HVT_S & EFUSE_DIG_DBIAS_HVT;
    if (!calibrated() || burnt == 0) {
        return (core_voltage){.rtc = UNCALIBRATED - less, .digital = UNCALIBRATED - less};
    }
    const regulator digital =
        regulator_calibrated(DIGITAL, next >> EFUSE_V_DIG_DBIAS20_S, word >> EFUSE_K_DIG_LDO_S);
    const uint32_t rtc_middle = (next & EFUSE_V_RTC_DBIAS20_1) << 5 | word >> EFUSE_V_RTC_DBIAS20_S;
    const regulator rtc = regulator_calibrated(RTC, rtc_middle, word >> EFUSE_K_RTC_LDO_S);
    const uint32_t most = regulator_setting(digital, HIGHEST), wanted = burnt + MORE - less;
    const uint32_t setting = wanted < most ? wanted : most;
    return (core_voltage){
        .rtc = regulator_rtc_setting(rtc, regulator_voltage(digital, setting)), .digital = setting};
}
