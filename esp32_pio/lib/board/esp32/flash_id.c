/* What the flash says of itself: maker, type, size. ESP-IDF: bootloader_read_flash_id and
   bootloader_flash_execute_command_common (bootloader_flash.c) with spi_flash_ll.h; the size:
   spi_flash_chip_generic_detect_size (spi_flash_chip_generic.c). */
#include "flash_parts.h"
#include "register_bits.h"
#include "soc/spi_reg.h"

enum { TIMEOUT_CYCLES = 2400000, ID_BITS = 24, LINEAR_DENSITY_LAST = 0x19, HEX_GAP = 6 };

uint32_t flash_id_read(uint32_t rom_dummy) {
    const uint32_t ctrl = reg_read(SPI_CTRL_REG(1)), user = reg_read(SPI_USER_REG(1)),
                   user1 = reg_read(SPI_USER1_REG(1)), user2 = reg_read(SPI_USER2_REG(1));
    const uint32_t phases = SPI_USR_COMMAND | SPI_USR_ADDR | SPI_USR_DUMMY | SPI_USR_MISO | SPI_USR_MOSI;
    reg_write(SPI_CTRL_REG(1), SPI_WP_REG);
    reg_write(SPI_USER2_REG(1), CMD_RDID | 7u << SPI_USR_COMMAND_BITLEN_S);
    reg_field(SPI_USER1_REG(1), SPI_USR_ADDR_BITLEN_M | SPI_USR_DUMMY_CYCLELEN_M,
        SPI_USR_ADDR_BITLEN_M | ((rom_dummy - 1) & SPI_USR_DUMMY_CYCLELEN_M));
    reg_field(SPI_USER_REG(1), phases, SPI_USR_COMMAND | SPI_USR_MISO | (rom_dummy != 0 ? SPI_USR_DUMMY : 0));
    reg_write(SPI_MOSI_DLEN_REG(1), 0);
    reg_write(SPI_MISO_DLEN_REG(1), ID_BITS - 1);
    reg_write(SPI_CMD_REG(1), SPI_USR);
    const bool done = reg_wait(SPI_CMD_REG(1), UINT32_MAX, 0, TIMEOUT_CYCLES);
    reg_write(SPI_CTRL_REG(1), ctrl);
    reg_write(SPI_USER_REG(1), user);
    reg_write(SPI_USER1_REG(1), user1);
    reg_write(SPI_USER2_REG(1), user2);
    const uint32_t id = reg_read(SPI_W0_REG(1)); /* the first byte is the lowest */
    return done ? (id & 0xFFu) << 16 | (id & 0xFF00u) | (id >> 16 & 0xFFu) : 0;
}

uint32_t flash_id_bytes(uint32_t id) {
    if ((id & 0xFFFFu) == 0 || (id & 0xFFFFu) == 0xFFFFu) {
        return 0;
    }
    const uint32_t code = id & 0xFFu;
    const uint32_t exponent = code > LINEAR_DENSITY_LAST ? code - HEX_GAP : code; /* 0x20 follows 0x19 */
    return exponent < 32 ? 1u << exponent : 0;
}
