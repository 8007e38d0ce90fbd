/* What is burnt into the chip: names and places of ESP-IDF's soc/esp32s3/register/soc/efuse_reg.h and
   efuse_struct.h. */
#ifndef EFUSE_REG_H
#define EFUSE_REG_H

#define EFUSE_RD_REPEAT_DATA0_REG    0x60007030u
#define EFUSE_RD_REPEAT_DATA1_REG    0x60007034u
#define EFUSE_RD_REPEAT_DATA2_REG    0x60007038u
#define EFUSE_RD_REPEAT_DATA3_REG    0x6000703Cu
#define EFUSE_RD_MAC_SPI_SYS_3_REG   0x60007050u
#define EFUSE_RD_MAC_SPI_SYS_4_REG   0x60007054u
#define EFUSE_RD_MAC_SPI_SYS_5_REG   0x60007058u
#define EFUSE_RD_SYS_PART1_DATA4_REG 0x6000706Cu

/* REPEAT_DATA0 */
#define EFUSE_DIS_APP_CPU (1u << 15)
/* REPEAT_DATA1 */
#define EFUSE_WDT_DELAY_SEL_S      16
#define EFUSE_WDT_DELAY_SEL        3u
#define EFUSE_SPI_BOOT_CRYPT_CNT_S 18
#define EFUSE_SPI_BOOT_CRYPT_CNT   7u
/* REPEAT_DATA2 */
#define EFUSE_SECURE_BOOT_EN (1u << 20)
/* REPEAT_DATA3 */
#define EFUSE_FLASH_TYPE (1u << 9) /* eight lines */
/* MAC_SPI_SYS_3 */
#define EFUSE_WAFER_VERSION_MINOR_LO_S 18
#define EFUSE_WAFER_VERSION_MINOR_LO   7u
#define EFUSE_PKG_VERSION_S            21
#define EFUSE_PKG_VERSION              7u
#define EFUSE_BLK_VERSION_MINOR_S      24
#define EFUSE_BLK_VERSION_MINOR        7u
#define EFUSE_FLASH_CAP_S              27
#define EFUSE_FLASH_CAP                7u
/* MAC_SPI_SYS_4 */
#define EFUSE_K_RTC_LDO_S     13
#define EFUSE_K_DIG_LDO_S     20
#define EFUSE_V_RTC_DBIAS20_S 27
/* MAC_SPI_SYS_5 */
#define EFUSE_V_RTC_DBIAS20_1          7u
#define EFUSE_V_DIG_DBIAS20_S          3
#define EFUSE_DIG_DBIAS_HVT_S          11
#define EFUSE_DIG_DBIAS_HVT            0x1Fu
#define EFUSE_WAFER_VERSION_MINOR_HI_S 23
#define EFUSE_WAFER_VERSION_MAJOR_S    24
#define EFUSE_WAFER_VERSION_MAJOR      3u
/* SYS_PART1_DATA4 */
#define EFUSE_BLK_VERSION_MAJOR_S 0
#define EFUSE_BLK_VERSION_MAJOR   3u

#endif
