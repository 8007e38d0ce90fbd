/* The cache and its table of pages: names and values of ESP-IDF's soc/esp32c3/register/soc/extmem_reg.h and
   soc/esp32c3/include/soc/ext_mem_defs.h. */
#ifndef EXTMEM_REG_H
#define EXTMEM_REG_H

#define EXTMEM_ICACHE_CTRL_REG         0x600C4000u
#define EXTMEM_ICACHE_CTRL1_REG        0x600C4004u
#define EXTMEM_ICACHE_SYNC_CTRL_REG    0x600C4028u
#define EXTMEM_ICACHE_SYNC_ADDR_REG    0x600C402Cu
#define EXTMEM_ICACHE_SYNC_SIZE_REG    0x600C4030u
#define EXTMEM_ICACHE_PRELOAD_CTRL_REG 0x600C4034u
#define EXTMEM_CACHE_STATE_REG         0x600C40B0u
#define DR_REG_MMU_TABLE               0x600C5000u

#define EXTMEM_ICACHE_ENABLE         (1u << 0) /* EXTMEM_ICACHE_CTRL_REG */
#define EXTMEM_ICACHE_SHUT_IBUS      (1u << 0) /* EXTMEM_ICACHE_CTRL1_REG */
#define EXTMEM_ICACHE_SHUT_DBUS      (1u << 1)
#define EXTMEM_ICACHE_INVALIDATE_ENA (1u << 0) /* EXTMEM_ICACHE_SYNC_CTRL_REG */
#define EXTMEM_ICACHE_SYNC_DONE      (1u << 1)
#define EXTMEM_ICACHE_PRELOAD_DONE   (1u << 1) /* EXTMEM_ICACHE_PRELOAD_CTRL_REG */
#define EXTMEM_ICACHE_STATE          0xFFFu    /* EXTMEM_CACHE_STATE_REG */
#define EXTMEM_ICACHE_STATE_IDLE     1u

#define SOC_MMU_ENTRY_NUM 128
#define SOC_MMU_INVALID   (1u << 8)

/* Where the CPU sees flash as constants (SOC_DROM_LOW), and SPI_FLASH_MMU_PAGE_SIZE. */
#define DROM_BASE       0x3C000000u
#define DROM_PAGE_BYTES 0x10000u

#endif
