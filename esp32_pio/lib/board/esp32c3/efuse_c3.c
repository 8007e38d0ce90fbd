/* What is burnt into an ESP32-C3's eFuses otherwise than an ESP32-S3's. ESP-IDF: hal/esp32c3/efuse_hal.c and
   efuse_ll.h; the voltages: set_rtc_dig_dbias and get_rtc_dbias_by_efuse of esp_hw_support/port/esp32c3/rtc_init.c; the
   names: esptool's targets/esp32c3.py. */
#include "drivers.h"
#include "register_bits.h"
#include "soc/efuse_reg.h"

enum { PACKAGES = 4 };
static const char *const CHIP_NAMES[PACKAGES] = {
    "ESP32-C3 (QFN32)", "ESP8685 (QFN28)", "ESP32-C3 AZ (QFN32)", "ESP8686 (QFN24)"};

const char *efuse_chip_name(void) {
    const uint32_t package = reg_bits(EFUSE_RD_MAC_SPI_SYS_3_REG, EFUSE_PKG_VERSION_S, EFUSE_PKG_VERSION);
    return package < PACKAGES ? CHIP_NAMES[package] : "unknown ESP32-C3";
}

uint32_t efuse_revision(void) {
    return 100 * efuse_major_revision() + efuse_minor_revision();
}

const char *efuse_one_core(void) {
    return "the chip has one";
}

bool efuse_flash_supported(void) {
    return true; /* there is no octal one */
}

/* V_RTC_MID_MUL10000 and so on of soc/rtc.h */
static const regulator RTC = {.middle = 10800, .step = 215}, DIGITAL = {.middle = 10860, .step = 213};
enum { UNCALIBRATED = 28, MORE = 4, LAST = 31 };

static uint32_t rtc_setting(uint32_t digital_setting) {
    const uint32_t word = reg_read(EFUSE_RD_MAC_SPI_SYS_4_REG), next = reg_read(EFUSE_RD_MAC_SPI_SYS_5_REG);
    const uint32_t digital_middle = (next & EFUSE_V_DIG_DBIAS20_1) << 3 | word >> EFUSE_V_DIG_DBIAS20_S;
    const regulator digital = regulator_calibrated(DIGITAL, digital_middle, word >> EFUSE_K_DIG_LDO_S);
    const regulator rtc = regulator_calibrated(RTC, word >> EFUSE_V_RTC_DBIAS20_S, word >> EFUSE_K_RTC_LDO_S);
    return regulator_rtc_setting(rtc, regulator_voltage(digital, digital_setting));
}

core_voltage efuse_core_voltage(bool fastest) {
    (void)fastest; /* the same for each */
    const uint32_t burnt = reg_bits(EFUSE_RD_MAC_SPI_SYS_5_REG, EFUSE_DIG_DBIAS_HVT_S, EFUSE_DIG_DBIAS_HVT);
    if (efuse_revision() < 3 || burnt == 0) {
        return (core_voltage){.rtc = UNCALIBRATED, .digital = UNCALIBRATED};
    }
    const uint32_t digital = burnt + MORE > LAST ? LAST : burnt + MORE;
    return (core_voltage){.rtc = rtc_setting(digital), .digital = digital};
}
