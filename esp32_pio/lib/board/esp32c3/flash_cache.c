/* The cache through which an ESP32-C3 reads flash. ESP-IDF: set_cache_and_start_app (bootloader_utility.c), mmu_ll.h
   and cache_ll.h of hal/esp32c3, and what these call in the ROM (Cache_Disable_ICache, Cache_Invalidate_ICache_All,
   Cache_Enable_ICache of api1-20210207). */
#include "drivers.h"
#include "register_bits.h"
#include "soc/extmem_reg.h"

enum { TIMEOUT_CYCLES = 10000 * CPU_MHZ };

bool flash_cache_off(void) {
    reg_clear(EXTMEM_ICACHE_CTRL_REG, EXTMEM_ICACHE_ENABLE);
    return reg_wait(EXTMEM_ICACHE_PRELOAD_CTRL_REG, EXTMEM_ICACHE_PRELOAD_DONE, EXTMEM_ICACHE_PRELOAD_DONE,
        TIMEOUT_CYCLES);
}

/* Address and size 0: all of it. */
static bool invalidate(void) {
    reg_write(EXTMEM_ICACHE_SYNC_ADDR_REG, 0);
    reg_write(EXTMEM_ICACHE_SYNC_SIZE_REG, 0);
    reg_set(EXTMEM_ICACHE_SYNC_CTRL_REG, EXTMEM_ICACHE_INVALIDATE_ENA);
    const bool done = reg_wait(
        EXTMEM_ICACHE_SYNC_CTRL_REG, EXTMEM_ICACHE_SYNC_DONE, EXTMEM_ICACHE_SYNC_DONE, TIMEOUT_CYCLES);
    return reg_wait(EXTMEM_CACHE_STATE_REG, EXTMEM_ICACHE_STATE, EXTMEM_ICACHE_STATE_IDLE, TIMEOUT_CYCLES) &&
           done;
}

bool flash_cache_map(uint32_t pages) {
    const bool done = invalidate();
    for (uint32_t entry = 0; entry < SOC_MMU_ENTRY_NUM; entry++) {
        reg_write(DR_REG_MMU_TABLE + 4 * entry, entry < pages ? entry : SOC_MMU_INVALID);
    }
    reg_clear(EXTMEM_ICACHE_CTRL1_REG, EXTMEM_ICACHE_SHUT_IBUS | EXTMEM_ICACHE_SHUT_DBUS);
    reg_set(EXTMEM_ICACHE_CTRL_REG, EXTMEM_ICACHE_ENABLE);
    return done;
}
