/* The flash, to be read through the cache. ESP-IDF: set_cache_and_start_app (bootloader_utility.c),
   bootloader_read_flash_id (bootloader_flash.c). Read mode, clock and wait cycles stay as the ROM set them from the
   image's header: there is no GPIO matrix between (FLASH_IO_MATRIX_DUMMY of bootloader_flash_config_CHIP.c is 0), and
   no delay to tune at up to 80 MHz. */
#include "../portable/flash_facts.h"
#include "drivers.h"
#include "register_bits.h"
#include "soc/spi_mem_reg.h"

enum { TIMEOUT_CYCLES = 10000 * CPU_MHZ, ID_BITS = 24, LINEAR_DENSITY_LAST = 0x19, HEX_GAP = 6 };

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
    flash->pins = efuse_flash_pins();
    flash->rom_routing = flash->routing = FLASH_ROUTING_DIRECT;
    flash->supply = FLASH_SUPPLY_3_3V;
    flash->mhz = flash_mhz;
    flash->standard = true;
    flash->id = read_id();
    flash->bytes = size_of(flash->id);
    return flash_cache_map(pages) && done && efuse_flash_supported();
}
