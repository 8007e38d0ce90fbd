/* The flash controller for single commands, number 1, the same on both chips: names and values of ESP-IDF's
   soc/CHIP/register/soc/spi_mem_reg.h. */
#ifndef SPI_MEM_REG_H
#define SPI_MEM_REG_H

#define SPI_MEM_CMD_REG       0x60002000u
#define SPI_MEM_CTRL_REG      0x60002008u
#define SPI_MEM_USER_REG      0x60002018u
#define SPI_MEM_USER1_REG     0x6000201Cu
#define SPI_MEM_USER2_REG     0x60002020u
#define SPI_MEM_MISO_DLEN_REG 0x60002028u
#define SPI_MEM_W0_REG        0x60002058u

#define SPI_MEM_USR                  (1u << 18) /* SPI_MEM_CMD_REG */
#define SPI_MEM_WP_REG               (1u << 21) /* SPI_MEM_CTRL_REG */
#define SPI_MEM_USR_COMMAND          (1u << 31) /* SPI_MEM_USER_REG */
#define SPI_MEM_USR_ADDR             (1u << 30)
#define SPI_MEM_USR_DUMMY            (1u << 29)
#define SPI_MEM_USR_MISO             (1u << 28)
#define SPI_MEM_USR_MOSI             (1u << 27)
#define SPI_MEM_USR_COMMAND_BITLEN_S 28 /* SPI_MEM_USER2_REG */

#define CMD_RDID 0x9Fu /* bootloader_flash_priv.h */

#endif
