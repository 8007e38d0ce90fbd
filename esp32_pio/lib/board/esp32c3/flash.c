/* The flash, to be read through the cache. ESP-IDF: set_cache_and_start_app (bootloader_utility.c), mmu_ll.h and
   cache_ll.h of hal/esp32c3, and what these call in the ROM (Cache_Disable_ICache, Cache_Invalidate_ICache_All,
   Cache_Enable_ICache of api1-20210207); bootloader_read_flash_id (bootloader_flash.c). Read mode, clock and wait
   cycles stay as the ROM set them from the image's header: there is no GPIO matrix between (FLASH_IO_MATRIX_DUMMY is
   0), and no delay to tune at up to 80 MHz. */
#include "../portable/flash_facts.h"
#include "drivers.h"
#include "register_bits.h"
#include "soc/extmem_reg.h"
#include "soc/spi_mem_reg.h"

enum { TIMEOUT_CYCLES = 10000 * CPU_MHZ, ID_BITS = 24, LINEAR_DENSITY_LAST = 0x19, HEX_GAP = 6 };

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

static void map(uint32_t pages) {
    for (uint32_t entry = 0; entry < SOC_MMU_ENTRY_NUM; entry++) {
        reg_write(DR_REG_MMU_TABLE + 4 * entry, entry < pages ? entry : SOC_MMU_INVALID);
    }
    reg_clear(EXTMEM_ICACHE_CTRL1_REG, EXTMEM_ICACHE_SHUT_IBUS | EXTMEM_ICACHE_SHUT_DBUS);
    reg_set(EXTMEM_ICACHE_CTRL_REG, EXTMEM_ICACHE_ENABLE);
}

/* Maker << 16 | type << 8 | capacity; 0 when the controller does not answer. */
static uint32_t read_id(void) {
    const uint32_t ctrl = reg_read(SPI_MEM_CTRL_REG), user = reg_read(SPI_MEM_USER_REG),
                   user1 = reg_read(SPI_MEM_USER1_REG), user2 = reg_read(SPI_MEM_USER2_REG);
    const uint32_t phases =
        SPI_MEM_USR_COMMAND | SPI_MEM_USR_ADDR | SPI_MEM_USR_DUMMY | SPI_MEM_USR_MISO | SPI_MEM_USR_MOSI;
    reg_write(SPI_MEM_CTRL_REG, SPI_MEM_WP_REG);
    reg_write(SPI_MEM_USER2_REG, CMD_RDID | 7u << SPI_MEM_USR_COMMAND_BITLEN_S);
    reg_field(SPI_MEM_USER_REG, phases, SPI_MEM_USR_COMMAND | SPI_MEM_USR_MISO);
    reg_write(SPI_MEM_MISO_DLEN_REG, ID_BITS - 1);
    reg_write(SPI_MEM_CMD_REG, SPI_MEM_USR);
    const bool done = reg_wait(SPI_MEM_CMD_REG, SPI_MEM_USR, 0, TIMEOUT_CYCLES);
    reg_write(SPI_MEM_CTRL_REG, ctrl);
    reg_write(SPI_MEM_USER_REG, user);
    reg_write(SPI_MEM_USER1_REG, user1);
    reg_write(SPI_MEM_USER2_REG, user2);
    const uint32_t id = reg_read(SPI_MEM_W0_REG); /* the first byte is the lowest */
    return done ? (id & 0xFFu) << 16 | (id & 0xFF00u) | (id >> 16 & 0xFFu) : 0;
}

/* spi_flash_chip_generic_detect_size */
static uint32_t size_of(uint32_t id) {
    if ((id & 0xFFFFu) == 0 || (id & 0xFFFFu) == 0xFFFFu) {
        return 0;
    }
    const uint32_t code = id & 0xFFu;
    const uint32_t exponent = code > LINEAR_DENSITY_LAST ? code - HEX_GAP : code; /* 0x20 follows 0x19 */
    return exponent < 32 ? 1u << exponent : 0;
}

bool flash_start(uint32_t pages, uint32_t flash_mhz, board_flash *flash) {
    bool done = flash_cache_off();
    flash->pins = efuse_flash_in_package() ? FLASH_PINS_IN_PACKAGE : FLASH_PINS_DEFAULT;
    flash->rom_routing = flash->routing = FLASH_ROUTING_DIRECT;
    flash->supply = FLASH_SUPPLY_3_3V;
    flash->mhz = flash_mhz;
    flash->standard = true;
    flash->id = read_id();
    flash->bytes = size_of(flash->id);
    done = invalidate() && done;
    map(pages);
    return done;
}
