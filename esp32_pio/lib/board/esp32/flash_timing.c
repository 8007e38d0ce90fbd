/* The flash's clock, the cycles that a read waits, and its chip select. ESP-IDF: bootloader_flash_clock_config,
   bootloader_flash_dummy_config, bootloader_flash_cs_timing_config (bootloader_flash_config_esp32.c), in the order of
   configure_flash (cpu_start.c), and the ROM's esp_rom_spiflash_config_clk. */
#include "../portable/flash_facts.h"
#include "flash_parts.h"
#include "register_bits.h"
#include "soc/spi_reg.h"

enum { PERIPHERAL_MHZ = 80, TIMEOUT_CYCLES = 2400000, CONTROLLERS = 2 };

flash_timing flash_timing_standard(uint32_t flash_mhz, bool direct) {
    const uint32_t plus = flash_matrix_cycles(flash_mhz);
    return (flash_timing){.mhz = flash_mhz, .dummy = direct ? 0 : plus};
}

static uint32_t divided_clock(uint32_t divider) {
    if (divider < 2) {
        return SPI_CLK_EQU_SYSCLK;
    }
    return (divider - 1) << SPI_CLKCNT_N_S | (divider / 2 - 1) << SPI_CLKCNT_H_S |
           (divider - 1) << SPI_CLKCNT_L_S;
}

static bool reads_dio(uint32_t mode) {
    return (mode & (SPI_FASTRD_MODE | SPI_FREAD_QIO | SPI_FREAD_DIO)) == (SPI_FASTRD_MODE | SPI_FREAD_DIO);
}

/* Cycles that a read mode asks for, less one as the register counts. */
static uint32_t mode_dummy(uint32_t mode) {
    if ((mode & SPI_FASTRD_MODE) == 0) {
        return 0;
    }
    if ((mode & SPI_FREAD_QIO) != 0) {
        return SPI0_R_QIO_DUMMY_CYCLELEN;
    }
    if (reads_dio(mode)) {
        return SPI0_R_DIO_DUMMY_CYCLELEN;
    }
    return SPI0_R_FAST_DUMMY_CYCLELEN; /* also of the single line's fast read, for which ESP-IDF sets none */
}

bool flash_timing_set(flash_timing timing) {
    const uint32_t mode = reg_read(SPI_CTRL_REG(0));
    if (reads_dio(mode)) { /* its mode bits are sent as address, where the ROM waited as long */
        reg_field(SPI_USER1_REG(0), SPI_USR_ADDR_BITLEN_M, SPI0_R_DIO_ADDR_BITSLEN << SPI_USR_ADDR_BITLEN_S);
    }
    reg_field(SPI_USER1_REG(0), SPI_USR_DUMMY_CYCLELEN_M, mode_dummy(mode) + timing.dummy);
    const bool idle = reg_wait(SPI_EXT2_REG(1), SPI_ST, 0, TIMEOUT_CYCLES);
    for (uint32_t i = 0; i < CONTROLLERS; i++) {
        reg_write(SPI_CLOCK_REG(i), divided_clock(PERIPHERAL_MHZ / timing.mhz));
    }
    for (uint32_t i = 0; i < CONTROLLERS; i++) { /* chip select: hold 1 cycle, set-up 0 */
        reg_set(SPI_USER_REG(i), SPI_CS_HOLD | SPI_CS_SETUP);
        reg_field(SPI_CTRL2_REG(i), SPI_HOLD_TIME_M, 1u << SPI_HOLD_TIME_S);
        reg_clear(SPI_CTRL2_REG(i), SPI_SETUP_TIME_M);
    }
    return idle;
}
