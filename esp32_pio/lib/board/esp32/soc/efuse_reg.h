/* What is burnt into the chip: names and values of ESP-IDF's soc/esp32/register/soc/efuse_reg.h. */
#ifndef EFUSE_REG_H
#define EFUSE_REG_H

#define EFUSE_BLK0_RDATA0_REG 0x3FF5A000u
#define EFUSE_BLK0_RDATA3_REG 0x3FF5A00Cu
#define EFUSE_BLK0_RDATA4_REG 0x3FF5A010u
#define EFUSE_BLK0_RDATA5_REG 0x3FF5A014u
#define EFUSE_BLK0_RDATA6_REG 0x3FF5A018u

/* RDATA0 */
#define EFUSE_RD_FLASH_CRYPT_CNT   0x7Fu
#define EFUSE_RD_FLASH_CRYPT_CNT_S 20
/* RDATA3 */
#define EFUSE_RD_DISABLE_APP_CPU     (1u << 0)
#define EFUSE_RD_CHIP_PACKAGE_4BIT_S 2
#define EFUSE_RD_CHIP_PACKAGE        7u
#define EFUSE_RD_CHIP_PACKAGE_S      9
#define EFUSE_RD_CHIP_CPU_FREQ_LOW   (1u << 12)
#define EFUSE_RD_CHIP_CPU_FREQ_RATED (1u << 13)
#define EFUSE_RD_CHIP_VER_REV1       (1u << 15)
/* RDATA4 */
#define EFUSE_RD_XPD_SDIO_REG   (1u << 14)
#define EFUSE_RD_XPD_SDIO_TIEH  (1u << 15)
#define EFUSE_RD_XPD_SDIO_FORCE (1u << 16)
/* RDATA5; the pads: CLK, Q, D and CS0, five bits each */
#define EFUSE_RD_SPI_PAD_CONFIG_CLK    0x1Fu
#define EFUSE_RD_SPI_PAD_CONFIG_Q_S    5
#define EFUSE_RD_SPI_PAD_CONFIG_D_S    10
#define EFUSE_RD_SPI_PAD_CONFIG_CS0_S  15
#define EFUSE_RD_CHIP_VER_REV2         (1u << 20)
#define EFUSE_RD_WAFER_VERSION_MINOR   3u
#define EFUSE_RD_WAFER_VERSION_MINOR_S 24
/* RDATA6 */
#define EFUSE_RD_ABS_DONE_0 (1u << 4)
#define EFUSE_RD_ABS_DONE_1 (1u << 5)

#endif
