/* The timer groups' watchdogs: names and values of ESP-IDF's soc/esp32/register/soc/timer_group_reg.h. */
#ifndef TIMER_GROUP_REG_H
#define TIMER_GROUP_REG_H

#define REG_TIMG_BASE(i)        (0x3FF5F000u + (i) * 0x1000u)
#define TIMG_WDTCONFIG0_REG(i)  (REG_TIMG_BASE(i) + 0x48u)
#define TIMG_WDTFEED_REG(i)     (REG_TIMG_BASE(i) + 0x60u)
#define TIMG_WDTWPROTECT_REG(i) (REG_TIMG_BASE(i) + 0x64u)

#define TIMG_WDT_WKEY_VALUE 0x50D83AA1u

#endif
