/* A core stalled by the RTC: cpu_utility_ll_stall_cpu and cpu_utility_ll_unstall_cpu of ESP-IDF's
   hal/CHIP/include/hal/cpu_utility_ll.h. To be included behind the chip's soc/rtc_cntl_reg.h. A stall outlives every
   reset but the RTC's. */
#ifndef STALL_H
#define STALL_H

#include "register_bits.h"

/* "0x86" in two fields. */
enum { STALL_C0 = 2, STALL_C1 = 0x21 };

static inline void stall_second_core(void) {
    reg_field(
        RTC_CNTL_OPTIONS0_REG, RTC_CNTL_SW_STALL_APPCPU_C0_M, STALL_C0 << RTC_CNTL_SW_STALL_APPCPU_C0_S);
    reg_field(RTC_CNTL_SW_CPU_STALL_REG, RTC_CNTL_SW_STALL_APPCPU_C1_M,
        (uint32_t)STALL_C1 << RTC_CNTL_SW_STALL_APPCPU_C1_S);
}

static inline void unstall_second_core(void) {
    reg_clear(RTC_CNTL_OPTIONS0_REG, RTC_CNTL_SW_STALL_APPCPU_C0_M);
    reg_clear(RTC_CNTL_SW_CPU_STALL_REG, RTC_CNTL_SW_STALL_APPCPU_C1_M);
}

#endif
