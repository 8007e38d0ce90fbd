/* Clock, cache and reset of the digital core: names and values of ESP-IDF's soc/esp32/register/soc/dport_reg.h. */
#ifndef DPORT_REG_H
#define DPORT_REG_H

#define DPORT_PERI_RST_EN_REG      0x3FF00020u
#define DPORT_APPCPU_CTRL_A_REG    0x3FF0002Cu
#define DPORT_APPCPU_CTRL_B_REG    0x3FF00030u
#define DPORT_APPCPU_CTRL_C_REG    0x3FF00034u
#define DPORT_APPCPU_CTRL_D_REG    0x3FF00038u /* the second core's boot address */
#define DPORT_CPU_PER_CONF_REG     0x3FF0003Cu
#define DPORT_PRO_CACHE_CTRL_REG   0x3FF00040u
#define DPORT_PRO_CACHE_CTRL1_REG  0x3FF00044u
#define DPORT_APP_CACHE_CTRL_REG   0x3FF00058u
#define DPORT_APP_CACHE_CTRL1_REG  0x3FF0005Cu
#define DPORT_PERIP_CLK_EN_REG     0x3FF000C0u
#define DPORT_PERIP_RST_EN_REG     0x3FF000C4u
#define DPORT_CORE_RST_EN_REG      0x3FF000D0u
#define DPORT_PRO_DCACHE_DBUG0_REG 0x3FF003F0u
#define DPORT_PRO_FLASH_MMU_TABLE  0x3FF10000u
#define DPORT_APP_FLASH_MMU_TABLE  0x3FF12000u

/* DPORT_APPCPU_CTRL_A_REG, _B_REG; in _C_REG bit 0 stalls */
#define DPORT_APPCPU_RESETTING  (1u << 0)
#define DPORT_APPCPU_CLKGATE_EN (1u << 0)

/* DPORT_*_CACHE_CTRL_REG; the APP CPU's bits are in the same places. */
#define DPORT_PRO_CACHE_ENABLE     (1u << 3)
#define DPORT_PRO_CACHE_FLUSH_ENA  (1u << 4)
#define DPORT_PRO_CACHE_FLUSH_DONE (1u << 5)
/* DPORT_*_CACHE_CTRL1_REG */
#define DPORT_PRO_CACHE_MASK_ALL         0x3Fu /* all six DPORT_PRO_CACHE_MASK_* */
#define DPORT_PRO_CACHE_MASK_DROM0       (1u << 4)
#define DPORT_PRO_CMMU_FLASH_PAGE_MODE_M (3u << 9) /* 0: 64 KB */
#define DPORT_APP_CACHE_MMU_IA_CLR       (1u << 13)
/* DPORT_*_DCACHE_DBUG0_REG */
#define DPORT_PRO_CACHE_STATE   0xFFFu
#define DPORT_PRO_CACHE_STATE_S 7

#define DPORT_FLASH_MMU_TABLE_INVALID_VAL 0x100u

/* DPORT_PERI_RST_EN_REG */
#define DPORT_PERI_EN_AES               (1u << 0)
#define DPORT_PERI_EN_SHA               (1u << 1)
#define DPORT_PERI_EN_RSA               (1u << 2)
#define DPORT_PERI_EN_DIGITAL_SIGNATURE (1u << 4)

/* DPORT_PERIP_CLK_EN_REG and DPORT_PERIP_RST_EN_REG */
#define DPORT_I2C_EXT0_CLK_EN (1u << 7)
#define DPORT_TIMERS_RST      (1u << 0)
#define DPORT_SPI01_RST       (1u << 1)
#define DPORT_UART_RST        (1u << 2)
#define DPORT_I2S0_RST        (1u << 4)
#define DPORT_UART1_RST       (1u << 5)
#define DPORT_SPI2_RST        (1u << 6)
#define DPORT_I2C_EXT0_RST    (1u << 7)
#define DPORT_UHCI0_RST       (1u << 8)
#define DPORT_UHCI1_RST       (1u << 12)
#define DPORT_SPI3_RST        (1u << 16)
#define DPORT_PWM0_RST        (1u << 17)
#define DPORT_PWM1_RST        (1u << 20)
#define DPORT_I2S1_RST        (1u << 21)
#define DPORT_SPI_DMA_RST     (1u << 22)
#define DPORT_UART2_RST       (1u << 23)
#define DPORT_UART_MEM_RST    (1u << 24)

/* DPORT_CORE_RST_EN_REG */
#define DPORT_WIFIBB_RST    (1u << 0)
#define DPORT_FE_RST        (1u << 1)
#define DPORT_WIFIMAC_RST   (1u << 2)
#define DPORT_BTBB_RST      (1u << 3)
#define DPORT_BTMAC_RST     (1u << 4)
#define DPORT_SDIO_RST      (1u << 5)
#define DPORT_SDIO_HOST_RST (1u << 6)
#define DPORT_EMAC_RST      (1u << 7)
#define DPORT_MACPWR_RST    (1u << 8)
#define DPORT_RW_BTMAC_RST  (1u << 9)
#define DPORT_RW_BTLP_RST   (1u << 10)

#endif
