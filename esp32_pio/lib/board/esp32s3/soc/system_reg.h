/* Clocks and resets of the peripherals: names and values of ESP-IDF's soc/esp32s3/register/soc/system_reg.h. */
#ifndef SYSTEM_REG_H
#define SYSTEM_REG_H

#define SYSTEM_CORE_1_CONTROL_0_REG 0x600C0000u
#define SYSTEM_CORE_1_CONTROL_1_REG 0x600C0004u /* its boot address: SYSTEM_CONTROL_CORE_1_MESSAGE */
#define SYSTEM_CPU_PER_CONF_REG     0x600C0010u
#define SYSTEM_PERIP_CLK_EN0_REG    0x600C0018u
#define SYSTEM_PERIP_RST_EN0_REG    0x600C0020u
#define SYSTEM_SYSCLK_CONF_REG      0x600C0060u

/* SYSTEM_CORE_1_CONTROL_0_REG; bit 0 stalls */
#define SYSTEM_CONTROL_CORE_1_CLKGATE_EN (1u << 1)
#define SYSTEM_CONTROL_CORE_1_RESETING   (1u << 2)
/* SYSTEM_CPU_PER_CONF_REG */
#define SYSTEM_CPUPERIOD_SEL     3u
#define SYSTEM_CPUPERIOD_SEL_240 2u
#define SYSTEM_PLL_FREQ_SEL      (1u << 2) /* 480 MHz */
/* SYSTEM_PERIP_CLK_EN0_REG, SYSTEM_PERIP_RST_EN0_REG */
#define SYSTEM_TIMERS_RST      (1u << 0)
#define SYSTEM_SPI01_RST       (1u << 1)
#define SYSTEM_UART_RST        (1u << 2)
#define SYSTEM_I2C_EXT0_CLK_EN (1u << 7)
#define SYSTEM_I2C_EXT0_RST    (1u << 7)
#define SYSTEM_SYSTIMER_RST    (1u << 29)
/* SYSTEM_SYSCLK_CONF_REG */
#define SYSTEM_PRE_DIV_CNT      0x3FFu
#define SYSTEM_SOC_CLK_SEL_M    (3u << 10)
#define SYSTEM_SOC_CLK_SEL_XTAL (0u << 10)
#define SYSTEM_SOC_CLK_SEL_PLL  (1u << 10)

#endif
