/* The data cache and the table of pages: names and values of ESP-IDF's soc/esp32s3/register/soc/extmem_reg.h and
   soc/esp32s3/include/soc/ext_mem_defs.h. */
#ifndef EXTMEM_REG_H
#define EXTMEM_REG_H

#define EXTMEM_DCACHE_CTRL1_REG 0x600C4004u
#define DR_REG_MMU_TABLE        0x600C5000u

#define EXTMEM_DCACHE_SHUT_CORE0_BUS (1u << 0) /* EXTMEM_DCACHE_CTRL1_REG */
#define EXTMEM_DCACHE_SHUT_CORE1_BUS (1u << 1)

#define SOC_MMU_ENTRY_NUM 512
#define SOC_MMU_INVALID   (1u << 14) /* bit 15: external RAM, and not flash */

/* Where the CPU sees flash as constants (SOC_DRAM0_CACHE_ADDRESS_LOW), and SPI_FLASH_MMU_PAGE_SIZE. */
#define DROM_BASE       0x3C000000u
#define DROM_PAGE_BYTES 0x10000u

#endif
