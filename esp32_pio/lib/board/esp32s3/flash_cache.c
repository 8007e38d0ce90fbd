/* The caches through which an ESP32-S3 reads flash: constants come through the data cache, code would through the
   other, and both share one table of pages. ESP-IDF: set_cache_and_start_app (bootloader_utility.c) with mmu_ll.h and
   cache_ll.h of hal/esp32s3; the ROM's functions switch the caches, and make them empty when they switch them off.
   Sizes and lines stay as the ROM set them, as in ESP-IDF's boot loader; in the memory of the caches nothing is linked.
   */
#include "drivers.h"
#include "register_bits.h"
#include "rom.h"
#include "soc/extmem_reg.h"

static const uint32_t NOTHING[ROM_ARGUMENTS]; /* no argument, or no autoload */

bool flash_cache_off(void) {
    rom_call(ROM_CACHE_DISABLE_ICACHE, NOTHING);
    rom_call(ROM_CACHE_DISABLE_DCACHE, NOTHING);
    return true;
}

bool flash_cache_map(uint32_t pages) {
    for (uint32_t entry = 0; entry < SOC_MMU_ENTRY_NUM; entry++) {
        reg_write(DR_REG_MMU_TABLE + 4 * entry, entry < pages ? entry : SOC_MMU_INVALID);
    }
    /* cache_ll_l1_enable_bus, for both cores: it clears core 1's bit for core 0, and core 0's for core 1. */
    reg_clear(EXTMEM_DCACHE_CTRL1_REG, EXTMEM_DCACHE_SHUT_CORE0_BUS | EXTMEM_DCACHE_SHUT_CORE1_BUS);
    rom_call(ROM_CACHE_ENABLE_ICACHE, NOTHING);
    rom_call(ROM_CACHE_ENABLE_DCACHE, NOTHING);
    return true;
}
