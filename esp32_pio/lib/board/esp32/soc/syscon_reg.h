/* Dividers of the CPU clock: names and values of ESP-IDF's soc/esp32/register/soc/syscon_reg.h. */
#ifndef SYSCON_REG_H
#define SYSCON_REG_H

#define SYSCON_SYSCLK_CONF_REG    0x3FF66000u
#define SYSCON_XTAL_TICK_CONF_REG 0x3FF66004u
#define SYSCON_PLL_TICK_CONF_REG  0x3FF66008u
#define SYSCON_DATE_REG           0x3FF6607Cu

#define SYSCON_PRE_DIV_CNT 0x3FFu     /* SYSCON_SYSCLK_CONF_REG, one less than the divider */
#define SYSCON_DATE_ECO    (1u << 31) /* SYSCON_DATE_REG: revision 3 and later; efuse_hal.c */

#endif
