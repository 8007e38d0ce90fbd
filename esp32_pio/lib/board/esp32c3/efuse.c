/* What is burnt into the chip's eFuses. ESP-IDF: hal/esp32c3/efuse_hal.c and efuse_ll.h; the voltages:
   set_rtc_dig_dbias and get_rtc_dbias_by_efuse of esp_hw_support/port/esp32c3/rtc_init.c; the names: esptool's
   targets/esp32c3.py. */
#include "../portable/flash_facts.h"
#include "drivers.h"
#include "register_bits.h"
#include "soc/efuse_reg.h"

enum { PACKAGES = 4 };
static const char *const CHIP_NAMES[PACKAGES] = {
    "ESP32-C3 (QFN32)", "ESP8685 (QFN28)", "ESP32-C3 AZ (QFN32)", "ESP8686 (QFN24)"};

static uint32_t field(uint32_t address, uint32_t shift, uint32_t mask) {
    return reg_read(address) >> shift & mask;
}

const char *efuse_chip_name(void) {
    const uint32_t package = field(EFUSE_RD_MAC_SPI_SYS_3_REG, EFUSE_PKG_VERSION_S, EFUSE_PKG_VERSION);
    return package < PACKAGES ? CHIP_NAMES[package] : "unknown ESP32-C3";
}

uint32_t efuse_revision(void) {
    const uint32_t high = field(EFUSE_RD_MAC_SPI_SYS_5_REG, EFUSE_WAFER_VERSION_MINOR_HI_S, 1),
                   low = field(EFUSE_RD_MAC_SPI_SYS_3_REG, EFUSE_WAFER_VERSION_MINOR_LO_S,
                       EFUSE_WAFER_VERSION_MINOR_LO);
    const uint32_t major =
        field(EFUSE_RD_MAC_SPI_SYS_5_REG, EFUSE_WAFER_VERSION_MAJOR_S, EFUSE_WAFER_VERSION_MAJOR);
    return 100 * major + (high << 3) + low;
}

bool efuse_flash_in_package(void) {
    return field(EFUSE_RD_MAC_SPI_SYS_3_REG, EFUSE_FLASH_CAP_S, EFUSE_FLASH_CAP) != 0;
}

uint32_t efuse_watchdog_delay(void) {
    return field(EFUSE_RD_REPEAT_DATA1_REG, EFUSE_WDT_DELAY_SEL_S, EFUSE_WDT_DELAY_SEL);
}

/* Flash encryption is on while an odd number of bits is burnt: efuse_hal_flash_encryption_enabled. */
static bool encrypted(void) {
    const uint32_t count =
        field(EFUSE_RD_REPEAT_DATA1_REG, EFUSE_SPI_BOOT_CRYPT_CNT_S, EFUSE_SPI_BOOT_CRYPT_CNT);
    return ((count ^ count >> 1 ^ count >> 2) & 1u) != 0;
}

const char *efuse_protection(void) {
    if (encrypted()) {
        return FLASH_PROTECTION_ENCRYPTION;
    }
    const bool secure_boot = (reg_read(EFUSE_RD_REPEAT_DATA2_REG) & EFUSE_SECURE_BOOT_EN) != 0;
    return secure_boot ? FLASH_PROTECTION_SECURE_BOOT : FLASH_PROTECTION_NONE;
}

/* A sign above `bits` bits of magnitude. */
static int32_t signed_field(uint32_t value, uint32_t bits) {
    const int32_t magnitude = (int32_t)(value & ((1u << bits) - 1));
    return (value >> bits & 1u) != 0 ? -magnitude : magnitude;
}

/* V_RTC_MID_MUL10000 and so on of soc/rtc.h: in 0.1 mV, at setting 20 and for each step. */
enum { RTC_VOLTAGE = 10800, DIGITAL_VOLTAGE = 10860, RTC_STEP = 215, DIGITAL_STEP = 213 };
enum { MIDDLE = 20, FIRST = 15, LAST = 31, BELOW = 250, PER_STEP = 10000 / 500, UNCALIBRATED = 28, MORE = 4 };

/* The lowest setting at which the RTC's voltage comes close to the digital one. */
static uint32_t rtc_setting(uint32_t digital) {
    const uint32_t word = reg_read(EFUSE_RD_MAC_SPI_SYS_4_REG), next = reg_read(EFUSE_RD_MAC_SPI_SYS_5_REG);
    const uint32_t digital_bias = (next & EFUSE_V_DIG_DBIAS20_1) << 3 | word >> EFUSE_V_DIG_DBIAS20_S;
    const int32_t rtc_at_middle =
        RTC_VOLTAGE + signed_field(word >> EFUSE_V_RTC_DBIAS20_S & 0xFFu, 7) * PER_STEP;
    const int32_t digital_at_middle = DIGITAL_VOLTAGE + signed_field(digital_bias, 7) * PER_STEP;
    const int32_t rtc_step = RTC_STEP + signed_field(word >> EFUSE_K_RTC_LDO_S & 0x7Fu, 6),
                  digital_step = DIGITAL_STEP + signed_field(word >> EFUSE_K_DIG_LDO_S & 0x7Fu, 6);
    const int32_t wanted = digital_at_middle + digital_step * ((int32_t)digital - MIDDLE) - BELOW;
    uint32_t setting = FIRST;
    while (setting < LAST && rtc_at_middle + rtc_step * ((int32_t)setting - MIDDLE) < wanted) {
        setting++;
    }
    return setting;
}

core_voltage efuse_core_voltage(void) {
    const uint32_t burnt = field(EFUSE_RD_MAC_SPI_SYS_5_REG, EFUSE_DIG_DBIAS_HVT_S, EFUSE_DIG_DBIAS_HVT);
    if (efuse_revision() < 3 || burnt == 0) {
        return (core_voltage){.rtc = UNCALIBRATED, .digital = UNCALIBRATED};
    }
    const uint32_t digital = burnt + MORE > LAST ? LAST : burnt + MORE;
    return (core_voltage){.rtc = rtc_setting(digital), .digital = digital};
}
