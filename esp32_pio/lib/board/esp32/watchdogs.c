#include "drivers.h"
#include "register_bits.h"

static const uint32_t UNLOCK = 0x50D83AA1; /* any other value in a WDTWPROTECT register locks */

static const uint32_t RTC_WDTCONFIG0 = 0x3FF4808C, RTC_WDTFEED = 0x3FF480A0, RTC_WDTWPROTECT = 0x3FF480A4;
static const uint32_t RTC_FEED = 1u << 31;
static const uint32_t TIMG0_WDTCONFIG0 = 0x3FF5F048, TIMG0_WDTFEED = 0x3FF5F060,
                      TIMG0_WDTWPROTECT = 0x3FF5F064;

void watchdogs_off(void) {
    reg_write(RTC_WDTWPROTECT, UNLOCK);
    reg_write(RTC_WDTFEED, RTC_FEED);
    reg_write(RTC_WDTCONFIG0, 0); /* also ends the flash boot mode, in which it resets after 0.85 s */
    reg_write(RTC_WDTWPROTECT, 0);

    reg_write(TIMG0_WDTWPROTECT, UNLOCK);
    reg_write(TIMG0_WDTFEED, 1);
    reg_write(TIMG0_WDTCONFIG0, 0);
    reg_write(TIMG0_WDTWPROTECT, 0);
}
