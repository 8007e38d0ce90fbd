/* What is burnt into the eFuses of both chips alike. ESP-IDF: hal/efuse_hal.c and hal/CHIP/include/hal/efuse_ll.h. */
#include "../portable/flash_facts.h"
#include "drivers.h"
#include "register_bits.h"
#include "soc/efuse_reg.h"

uint32_t efuse_minor_revision(void) {
    const uint32_t high = reg_bits(EFUSE_RD_MAC_SPI_SYS_5_REG, EFUSE_WAFER_VERSION_MINOR_HI_S, 1);
    return (high << 3) +
           reg_bits(EFUSE_RD_MAC_SPI_SYS_3_REG, EFUSE_WAFER_VERSION_MINOR_LO_S, EFUSE_WAFER_VERSION_MINOR_LO);
}

uint32_t efuse_major_revision(void) {
    return reg_bits(EFUSE_RD_MAC_SPI_SYS_5_REG, EFUSE_WAFER_VERSION_MAJOR_S, EFUSE_WAFER_VERSION_MAJOR);
}

uint32_t efuse_watchdog_delay(void) {
    return reg_bits(EFUSE_RD_REPEAT_DATA1_REG, EFUSE_WDT_DELAY_SEL_S, EFUSE_WDT_DELAY_SEL);
}

const char *efuse_flash_pins(void) {
    if (!efuse_flash_supported()) {
        return "octal: not supported";
    }
    const bool in_package = reg_bits(EFUSE_RD_MAC_SPI_SYS_3_REG, EFUSE_FLASH_CAP_S, EFUSE_FLASH_CAP) != 0;
    return in_package ? FLASH_PINS_IN_PACKAGE : FLASH_PINS_DEFAULT;
}

/* Flash encryption is on while an odd number of bits is burnt: efuse_hal_flash_encryption_enabled. */
static bool encrypted(void) {
    const uint32_t count =
        reg_bits(EFUSE_RD_REPEAT_DATA1_REG, EFUSE_SPI_BOOT_CRYPT_CNT_S, EFUSE_SPI_BOOT_CRYPT_CNT);
    return ((count ^ count >> 1 ^ count >> 2) & 1u) != 0;
}

const char *efuse_protection(void) {
    if (encrypted()) {
        return FLASH_PROTECTION_ENCRYPTION;
    }
    const bool secure_boot = (reg_read(EFUSE_RD_REPEAT_DATA2_REG) & EFUSE_SECURE_BOOT_EN) != 0;
    return secure_boot ? FLASH_PROTECTION_SECURE_BOOT : FLASH_PROTECTION_NONE;
}
