/* The flash controllers: 0 serves the cache, 1 runs single commands. Names and values of ESP-IDF's
   soc/esp32/register/soc/spi_reg.h; the lengths are of esp32/rom/spi_flash.h. */
#ifndef SPI_REG_H
#define SPI_REG_H

#define REG_SPI_BASE(i)        (0x3FF43000u - (i) * 0x1000u)
#define SPI_CMD_REG(i)         (REG_SPI_BASE(i) + 0x0u)
#define SPI_CTRL_REG(i)        (REG_SPI_BASE(i) + 0x8u)
#define SPI_CTRL2_REG(i)       (REG_SPI_BASE(i) + 0x14u)
#define SPI_CLOCK_REG(i)       (REG_SPI_BASE(i) + 0x18u)
#define SPI_USER_REG(i)        (REG_SPI_BASE(i) + 0x1Cu)
#define SPI_USER1_REG(i)       (REG_SPI_BASE(i) + 0x20u)
#define SPI_USER2_REG(i)       (REG_SPI_BASE(i) + 0x24u)
#define SPI_MOSI_DLEN_REG(i)   (REG_SPI_BASE(i) + 0x28u)
#define SPI_MISO_DLEN_REG(i)   (REG_SPI_BASE(i) + 0x2Cu)
#define SPI_CACHE_FCTRL_REG(i) (REG_SPI_BASE(i) + 0x50u)
#define SPI_W0_REG(i)          (REG_SPI_BASE(i) + 0x80u)
#define SPI_EXT2_REG(i)        (REG_SPI_BASE(i) + 0xF8u)

/* SPI_CMD_REG */
#define SPI_USR (1u << 18)
/* SPI_CTRL_REG: how the cache reads */
#define SPI_FASTRD_MODE (1u << 13)
#define SPI_WP_REG      (1u << 21)
#define SPI_FREAD_DIO   (1u << 23)
#define SPI_FREAD_QIO   (1u << 24)
/* SPI_CTRL2_REG */
#define SPI_SETUP_TIME_M 0xFu
#define SPI_HOLD_TIME_S  4
#define SPI_HOLD_TIME_M  (0xFu << SPI_HOLD_TIME_S)
/* SPI_CLOCK_REG */
#define SPI_CLKCNT_L_S     0
#define SPI_CLKCNT_H_S     6
#define SPI_CLKCNT_N_S     12
#define SPI_CLK_EQU_SYSCLK (1u << 31)
/* SPI_USER_REG */
#define SPI_CS_HOLD     (1u << 4)
#define SPI_CS_SETUP    (1u << 5)
#define SPI_USR_MOSI    (1u << 27)
#define SPI_USR_MISO    (1u << 28)
#define SPI_USR_DUMMY   (1u << 29)
#define SPI_USR_ADDR    (1u << 30)
#define SPI_USR_COMMAND (1u << 31)
/* SPI_USER1_REG: each one less than the number of bits or cycles */
#define SPI_USR_DUMMY_CYCLELEN_M 0xFFu
#define SPI_USR_ADDR_BITLEN_S    26
#define SPI_USR_ADDR_BITLEN_M    (0x3Fu << SPI_USR_ADDR_BITLEN_S)
/* SPI_USER2_REG */
#define SPI_USR_COMMAND_BITLEN_S 28
/* SPI_CACHE_FCTRL_REG */
#define SPI_CACHE_REQ_EN (1u << 0)
/* SPI_EXT2_REG */
#define SPI_ST 7u

#define SPI0_R_QIO_DUMMY_CYCLELEN  3u
#define SPI0_R_FAST_DUMMY_CYCLELEN 7u
#define SPI0_R_DIO_DUMMY_CYCLELEN  1u
#define SPI0_R_DIO_ADDR_BITSLEN    27u

#define CMD_RDID           0x9Fu     /* bootloader_flash_priv.h */
#define FLASH_ID_GD25LQ32C 0xC86016u /* bootloader_flash_config.h */

#endif
