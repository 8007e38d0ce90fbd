/* The cache through which the CPU reads flash, and its table of pages. */
#include "flash_parts.h"
#include "register_bits.h"
#include "soc/dport_reg.h"
#include "soc/spi_reg.h"

static const uint32_t CACHE_STATE = DPORT_PRO_CACHE_STATE << DPORT_PRO_CACHE_STATE_S,
                      CACHE_IDLE = 1u << DPORT_PRO_CACHE_STATE_S;

enum {
    TIMEOUT_CYCLES = 2400000, /* 10 ms at 240 MHz */
    MMU_ENTRIES = 384,        /* those that a constant can be read through */
};

bool flash_cache_off(void) {
    bool done = reg_wait(DPORT_PRO_DCACHE_DBUG0_REG, CACHE_STATE, CACHE_IDLE, TIMEOUT_CYCLES);
    reg_clear(DPORT_PRO_CACHE_CTRL_REG, DPORT_PRO_CACHE_ENABLE);
    done = reg_wait(SPI_EXT2_REG(0), SPI_ST, 0, TIMEOUT_CYCLES) && done;
    reg_clear(SPI_CACHE_FCTRL_REG(0), SPI_CACHE_REQ_EN);
    return done;
}

bool flash_cache_flush(void) {
    reg_clear(DPORT_PRO_CACHE_CTRL_REG, DPORT_PRO_CACHE_FLUSH_ENA); /* the flush starts with the edge */
    reg_set(DPORT_PRO_CACHE_CTRL_REG, DPORT_PRO_CACHE_FLUSH_ENA);
    const bool done = reg_wait(
        DPORT_PRO_CACHE_CTRL_REG, DPORT_PRO_CACHE_FLUSH_DONE, DPORT_PRO_CACHE_FLUSH_DONE, TIMEOUT_CYCLES);
    reg_clear(DPORT_PRO_CACHE_CTRL_REG, DPORT_PRO_CACHE_FLUSH_ENA);
    return done;
}

void flash_cache_on(void) {
    reg_set(SPI_CACHE_FCTRL_REG(0), SPI_CACHE_REQ_EN);
    reg_set(DPORT_PRO_CACHE_CTRL_REG, DPORT_PRO_CACHE_ENABLE);
}

/* The table may be written only while no bus of either CPU can use it. */
void flash_cache_map(uint32_t pages) {
    const uint32_t app = reg_read(DPORT_APP_CACHE_CTRL1_REG), pro = reg_read(DPORT_PRO_CACHE_CTRL1_REG);
    reg_set(DPORT_APP_CACHE_CTRL1_REG, DPORT_PRO_CACHE_MASK_ALL);
    reg_set(DPORT_PRO_CACHE_CTRL1_REG, DPORT_PRO_CACHE_MASK_ALL);
    for (uint32_t entry = 0; entry < MMU_ENTRIES; entry++) {
        reg_write(
            DPORT_PRO_FLASH_MMU_TABLE + 4 * entry, entry < pages ? entry : DPORT_FLASH_MMU_TABLE_INVALID_VAL);
    }
    reg_write(DPORT_APP_CACHE_CTRL1_REG, app);
    reg_write(
        DPORT_PRO_CACHE_CTRL1_REG, pro & ~(DPORT_PRO_CMMU_FLASH_PAGE_MODE_M | DPORT_PRO_CACHE_MASK_DROM0));
}
