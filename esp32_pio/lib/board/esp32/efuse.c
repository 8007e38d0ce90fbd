/* What is burnt into the chip's eFuses. ESP-IDF: hal/esp32/efuse_hal.c and efuse_ll.h; the pads:
   ets_efuse_get_spiconfig of the ROM. */
#include "../portable/flash_facts.h"
#include "drivers.h"
#include "register_bits.h"
#include "soc/efuse_reg.h"
#include "soc/syscon_reg.h"

static bool burnt(uint32_t address, uint32_t bit) {
    return (reg_read(address) & bit) != 0;
}

uint32_t efuse_package(void) {
    const uint32_t word = reg_read(EFUSE_BLK0_RDATA3_REG);
    return (word >> EFUSE_RD_CHIP_PACKAGE_4BIT_S & 1u) << 3 |
           (word >> EFUSE_RD_CHIP_PACKAGE_S & EFUSE_RD_CHIP_PACKAGE);
}

uint32_t efuse_revision(void) {
    const uint32_t steps = (uint32_t)burnt(SYSCON_DATE_REG, SYSCON_DATE_ECO) << 2 |
                           (uint32_t)burnt(EFUSE_BLK0_RDATA5_REG, EFUSE_RD_CHIP_VER_REV2) << 1 |
                           (uint32_t)burnt(EFUSE_BLK0_RDATA3_REG, EFUSE_RD_CHIP_VER_REV1);
    const uint32_t major = steps == 7 ? 3 : steps == 3 ? 2 : steps == 1 ? 1 : 0;
    const uint32_t minor =
        reg_read(EFUSE_BLK0_RDATA5_REG) >> EFUSE_RD_WAFER_VERSION_MINOR_S & EFUSE_RD_WAFER_VERSION_MINOR;
    return 100 * major + minor;
}

uint32_t efuse_rated_mhz(void) {
    const uint32_t slow = EFUSE_RD_CHIP_CPU_FREQ_RATED | EFUSE_RD_CHIP_CPU_FREQ_LOW;
    return (reg_read(EFUSE_BLK0_RDATA3_REG) & slow) == slow ? 160 : 240;
}

bool efuse_single_core(void) {
    return burnt(EFUSE_BLK0_RDATA3_REG, EFUSE_RD_DISABLE_APP_CPU);
}

/* As the ROM decides: neither blank nor full, CLK and Q on pads of their own. */
bool efuse_flash_pads(void) {
    const uint32_t word = reg_read(EFUSE_BLK0_RDATA5_REG), all = 0xFFFFFu;
    if ((word & all) == 0 || (word & all) == all) {
        return false;
    }
    const uint32_t pad = EFUSE_RD_SPI_PAD_CONFIG_CLK;
    const uint32_t clk = word & pad, q = word >> EFUSE_RD_SPI_PAD_CONFIG_Q_S & pad,
                   d = word >> EFUSE_RD_SPI_PAD_CONFIG_D_S & pad,
                   cs0 = word >> EFUSE_RD_SPI_PAD_CONFIG_CS0_S & pad;
    return clk != q && clk != d && clk != cs0 && q != d && q != cs0;
}

/* Flash encryption is on while an odd number of bits is burnt: efuse_hal_flash_encryption_enabled. */
static bool encrypted(void) {
    uint32_t count = reg_read(EFUSE_BLK0_RDATA0_REG) >> EFUSE_RD_FLASH_CRYPT_CNT_S & EFUSE_RD_FLASH_CRYPT_CNT;
    bool odd = false;
    for (; count != 0; count &= count - 1) {
        odd = !odd;
    }
    return odd;
}

const char *efuse_protection(void) {
    if (encrypted()) {
        return FLASH_PROTECTION_ENCRYPTION;
    }
    const bool secure_boot = burnt(EFUSE_BLK0_RDATA6_REG, EFUSE_RD_ABS_DONE_0 | EFUSE_RD_ABS_DONE_1);
    return secure_boot ? FLASH_PROTECTION_SECURE_BOOT : FLASH_PROTECTION_NONE;
}
