/* Where the CPU sees flash as constants: ESP-IDF's soc/esp32/include/soc/ext_mem_defs.h (SOC_DROM_LOW) and
   SPI_FLASH_MMU_PAGE_SIZE. */
#ifndef DROM_H
#define DROM_H

#define DROM_BASE       0x3F400000u
#define DROM_PAGE_BYTES 0x10000u

#endif
