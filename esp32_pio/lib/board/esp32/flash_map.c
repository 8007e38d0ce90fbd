#include "drivers.h"
#include "register_bits.h"

static const uint32_t PRO_CACHE_CTRL = 0x3FF00040, PRO_CACHE_CTRL1 = 0x3FF00044, APP_CACHE_CTRL1 = 0x3FF0005C;
static const uint32_t PRO_DCACHE_DBUG0 = 0x3FF003F0;
static const uint32_t PRO_MMU_TABLE = 0x3FF10000;
static const uint32_t SPI0_CTRL2 = 0x3FF43014, SPI0_USER = 0x3FF4301C, SPI0_USER1 = 0x3FF43020,
                      SPI0_CACHE_FCTRL = 0x3FF43050, SPI0_EXT2 = 0x3FF430F8, SPI0_CTRL = 0x3FF43008;

static const uint32_t CACHE_ENABLE = 1u << 3, FLUSH = 1u << 4, FLUSH_DONE = 1u << 5;
static const uint32_t CACHE_STATE = 0xFFFu << 7, CACHE_IDLE = 1u << 7;
static const uint32_t MASK_ALL_BUSES = 0x3F, MASK_DROM0 = 1u << 4, PAGE_SIZE_MODE = 3u << 9; /* 0: 64 KB */
static const uint32_t SPI_BUSY = 7, CACHE_REQUESTS = 1;
static const uint32_t INVALID_PAGE = 0x100;

static const uint32_t MODE_QIO = 1u << 24, MODE_DIO = 1u << 23, MODE_FAST = 1u << 13;
static const uint32_t ADDRESS_BITS = 0x3Fu << 26, DUMMY_CYCLES = 0xFF;

enum { TIMEOUT_CYCLES = 2400000, MMU_ENTRIES = 384 }; /* 10 ms at 240 MHz */

static bool cache_off(void) {
    bool done = reg_wait(PRO_DCACHE_DBUG0, CACHE_STATE, CACHE_IDLE, TIMEOUT_CYCLES);
    reg_clear(PRO_CACHE_CTRL, CACHE_ENABLE);
    done = reg_wait(SPI0_EXT2, SPI_BUSY, 0, TIMEOUT_CYCLES) && done;
    reg_clear(SPI0_CACHE_FCTRL, CACHE_REQUESTS);
    return done;
}

static bool cache_flush(void) {
    reg_clear(PRO_CACHE_CTRL, FLUSH); /* the flush starts with the edge */
    reg_set(PRO_CACHE_CTRL, FLUSH);
    const bool done = reg_wait(PRO_CACHE_CTRL, FLUSH_DONE, FLUSH_DONE, TIMEOUT_CYCLES);
    reg_clear(PRO_CACHE_CTRL, FLUSH);
    return done;
}

/* The ROM timed its reads for a peripheral clock of the crystal's; at 80 MHz the flash clock is what the header says
   and the data come later by the pads' delay: one dummy cycle more at 40 MHz, two at 80. */
static void set_read_timing(uint32_t flash_mhz) {
    const uint32_t mode = reg_read(SPI0_CTRL);
    uint32_t dummy = flash_mhz == 80 ? 2 : flash_mhz == 40 ? 1 : 0;
    if ((mode & MODE_QIO) != 0) {
        dummy += 3;
    } else if ((mode & MODE_DIO) != 0) {
        dummy += 1;
        reg_field(SPI0_USER1, ADDRESS_BITS, 27u << 26); /* 24 address bits and 4 of mode, less one */
    } else if ((mode & MODE_FAST) != 0) {
        dummy += 7;
    }
    reg_field(SPI0_USER1, DUMMY_CYCLES, dummy);
    reg_set(SPI0_USER, 1u << 5 | 1u << 4);     /* chip select has a set-up and a hold time: */
    reg_field(SPI0_CTRL2, 0xFFu, 1u << 4 | 0); /* hold 1 cycle, set-up 0 */
}

bool flash_map(uint32_t pages, uint32_t flash_mhz) {
    bool done = cache_off();
    set_read_timing(flash_mhz);
    done = cache_flush() && done;

    /* The table may be written only while no bus of either CPU can use it. */
    const uint32_t app = reg_read(APP_CACHE_CTRL1), pro = reg_read(PRO_CACHE_CTRL1);
    reg_set(APP_CACHE_CTRL1, MASK_ALL_BUSES);
    reg_set(PRO_CACHE_CTRL1, MASK_ALL_BUSES);
    for (uint32_t entry = 0; entry < MMU_ENTRIES; entry++) {
        reg_write(PRO_MMU_TABLE + 4 * entry, entry < pages ? entry : INVALID_PAGE);
    }
    reg_write(APP_CACHE_CTRL1, app);
    reg_write(PRO_CACHE_CTRL1, pro & ~(PAGE_SIZE_MODE | MASK_DROM0));

    reg_set(SPI0_CACHE_FCTRL, CACHE_REQUESTS);
    reg_set(PRO_CACHE_CTRL, CACHE_ENABLE);
    return done;
}
