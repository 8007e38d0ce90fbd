/* The second core of an ESP32-S3: start_other_core and do_multicore_settings (ESP-IDF's esp_system/port/cpu_start.c);
   cpu_utility_ll.h of hal/esp32s3; esp_restart_noos (system_internal.c). Both cores read flash through the same data
   cache and table of pages, whose bus to it flash_cache_map() has opened; code is in RAM. */
#include "../two_cores/second_core.h"
#include "drivers.h"
#include "registers.h"
#include "soc/rtc_cntl_reg.h"
#include "soc/system_reg.h"
#include "stall.h"

void second_entry(void); /* entry/xtensa/second_entry.S */

enum { JOIN_CYCLES = 10000 * CPU_MHZ };

const uint32_t second_core_number = 1;
/* Three seconds at 240 MHz, much more than a layer takes that one core does alone. */
const uint32_t second_core_patience = 3000000u * CPU_MHZ;

uint32_t second_core_clock(void) {
    return cycle_count();
}

/* The boot address comes before the release, as in esp-hal, and by the register in which ESP-IDF clears it: the ROM's
   ets_set_appcpu_boot_addr writes the same. */
bool second_core_start(void) {
    unstall_second_core();
    reg_write(SYSTEM_CORE_1_CONTROL_1_REG, (uint32_t)(uintptr_t)second_entry);
    reg_write(SYSTEM_CORE_1_CONTROL_0_REG, SYSTEM_CONTROL_CORE_1_CLKGATE_EN | SYSTEM_CONTROL_CORE_1_RESETING);
    reg_write(SYSTEM_CORE_1_CONTROL_0_REG, SYSTEM_CONTROL_CORE_1_CLKGATE_EN);
    const bool joined = second_core_joins(JOIN_CYCLES);
    reg_write(SYSTEM_CORE_1_CONTROL_1_REG, 0);
    if (!joined) {
        board_hold_second_core();
    }
    return joined;
}

/* As after power-on. Its clock's gate does not stop it (SOC_APPCPU_HAS_CLOCK_GATING_BUG), the reset does. */
void board_hold_second_core(void) {
    reg_write(SYSTEM_CORE_1_CONTROL_0_REG, SYSTEM_CONTROL_CORE_1_RESETING);
    reg_write(SYSTEM_CORE_1_CONTROL_1_REG, 0);
    unstall_second_core();
}

void second_core_park(void) {
    stall_second_core();
}

void second_core_unpark(void) {
    unstall_second_core();
}
