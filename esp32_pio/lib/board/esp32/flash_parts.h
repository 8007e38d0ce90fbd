/* What flash.c is made of. All of it may run only while nobody reads flash: from IRAM, on data in DRAM. */
#ifndef FLASH_PARTS_H
#define FLASH_PARTS_H

#include <stdbool.h>
#include <stdint.h>

/* --- flash_cache.c: ROM's Cache_Read_Disable, Cache_Flush, Cache_Read_Enable, mmu_init --- */
bool flash_cache_off(void);
bool flash_cache_flush(void);
void flash_cache_on(void);
/* Pages 0 to `pages` - 1 one to one, all others invalid. The cache has to be off. */
void flash_cache_map(uint32_t pages);

/* --- flash_pins.c: bootloader_flash_gpio_config --- */
const char *flash_pins_name(void); /* "default", "in-package", or "custom" */
/* Whether the pins are tied straight to the flash controller; else the GPIO matrix lies between and delays the data. */
bool flash_pins_direct(void);
void flash_pins_route(uint32_t flash_mhz, uint32_t flash_id);
void flash_pins_restore(void); /* before a reset, as the ROM expects them */

/* --- flash_timing.c: bootloader_flash_clock_config, _dummy_config, _cs_timing_config --- */
typedef struct {
    uint32_t mhz;   /* 20, 26, 40 or 80 */
    uint32_t dummy; /* cycles to wait for the data, more than the read mode asks for */
} flash_timing;

/* That of ESP-IDF for pins on the matrix; on direct ones nothing is added. */
flash_timing flash_timing_standard(uint32_t flash_mhz, bool direct);
bool flash_timing_set(flash_timing timing);

/* --- flash_id.c: bootloader_read_flash_id --- */
/* Manufacturer << 16 | type << 8 | capacity; 0 when the controller does not answer. rom_dummy: that the ROM adds. */
uint32_t flash_id_read(uint32_t rom_dummy);
uint32_t flash_id_bytes(uint32_t id); /* 0: it does not tell */

#endif
