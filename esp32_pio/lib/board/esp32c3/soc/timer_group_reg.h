/* The timer groups' watchdogs: names and values of ESP-IDF's soc/esp32c3/register/soc/timer_group_reg.h. */
#ifndef TIMER_GROUP_REG_H
#define TIMER_GROUP_REG_H

#define TIMG_WDTCONFIG0_REG(group)  (0x6001F048u + 0x1000u * (group))
#define TIMG_WDTWPROTECT_REG(group) (0x6001F064u + 0x1000u * (group))

#define TIMG_WDT_CONF_UPDATE_EN (1u << 22) /* TIMG_WDTCONFIG0_REG */
/* What stops it. "Config registers are updated asynchronously" (mwdt_ll.h): the bit makes them. */
#define TIMG_WDTCONFIG0_OFF TIMG_WDT_CONF_UPDATE_EN
#define TIMG_WDT_WKEY_VALUE 0x50D83AA1u

#endif
