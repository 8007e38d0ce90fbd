/* What a classic ESP32 is called. */
#ifndef CHIP_NAME_H
#define CHIP_NAME_H

#include <stdbool.h>
#include <stdint.h>

/* package: EFUSE_RD_CHIP_VER_PKG_...; revision: 100 x major + minor. */
const char *chip_name(uint32_t package, uint32_t revision, bool single_core);

/* Whether the flash is inside: bootloader_flash_gpio_config of ESP-IDF. */
bool chip_has_flash(uint32_t package);

#endif
