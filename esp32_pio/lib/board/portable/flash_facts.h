/* What both homes have to say alike of a classic ESP32's flash: the words of board_flash and of board_chip's
   protection, and how long a read waits. */
#ifndef FLASH_FACTS_H
#define FLASH_FACTS_H

#include <stdint.h>

#define FLASH_PINS_DEFAULT    "default"
#define FLASH_PINS_IN_PACKAGE "in-package"
#define FLASH_PINS_CUSTOM     "custom" /* of the eFuses' choice */

#define FLASH_ROUTING_DIRECT "direct"
#define FLASH_ROUTING_MATRIX "matrix" /* through the GPIO matrix, which delays the data */

#define FLASH_SUPPLY_EXTERNAL "external"
#define FLASH_SUPPLY_3_3V     "3.3V"
#define FLASH_SUPPLY_RAISED   "1.8V, raised to 1.9V"

#define FLASH_PROTECTION_NONE        "none"
#define FLASH_PROTECTION_ENCRYPTION  "flash-encryption"
#define FLASH_PROTECTION_SECURE_BOOT "secure-boot"

/* Cycles that a read waits longer on pins that are led through the matrix, at 20, 26, 40 or 80 MHz:
   ESP_ROM_SPIFLASH_DUMMY_LEN_PLUS_... of ESP-IDF's esp32/rom/spi_flash.h. */
static inline uint32_t flash_matrix_cycles(uint32_t flash_mhz) {
    return flash_mhz == 80 ? 2 : flash_mhz == 40 ? 1 : 0;
}

#endif
