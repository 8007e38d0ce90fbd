/* The second core, ESP-IDF's APP CPU: bootloader_reset_mmu (bootloader_esp32.c); do_multicore_settings and
   start_other_core (esp_system/port/cpu_start.c); cpu_utility_ll.h of hal/esp32; esp_restart_noos (system_internal.c).

   While it runs, errata CPU-3.10 and CPU-3.16 allow no two cores to read DPORT's or one of them DPORT's and the other
   APB's registers: it never does either, but for its ROM, which reads its boot address until it is there. So that is
   written first, and this core looks at nothing but RAM until the other has come. */
#include "../two_cores/second_core.h"
#include "registers.h"
#include "soc/dport_reg.h"
#include "soc/rtc_cntl_reg.h"
#include "stall.h"

void second_entry(void); /* entry/xtensa/second_entry.S */

enum {
    FLUSH_CYCLES = 2400000, /* 10 ms at 240 MHz */
    JOIN_CYCLES = 2400000,  /* the ROM needs some thousand instructions */
    MMU_ENTRIES = 2048,     /* restore_app_mmu_from_pro_mmu */
};

const uint32_t second_core_number = 1;
/* Three seconds at 240 MHz, much more than a layer takes that one core does alone. */
const uint32_t second_core_patience = 720000000;

uint32_t second_core_clock(void) {
    return cycle_count();
}

/* Its own cache and table of pages, which shall show what the first core's show. It is in reset meanwhile. */
static bool map_flash(void) {
    reg_clear(DPORT_APP_CACHE_CTRL_REG, DPORT_PRO_CACHE_ENABLE);
    reg_clear(DPORT_APP_CACHE_CTRL_REG, DPORT_PRO_CACHE_FLUSH_ENA); /* the flush starts with the edge */
    reg_set(DPORT_APP_CACHE_CTRL_REG, DPORT_PRO_CACHE_FLUSH_ENA);
    const bool done = reg_wait(
        DPORT_APP_CACHE_CTRL_REG, DPORT_PRO_CACHE_FLUSH_DONE, DPORT_PRO_CACHE_FLUSH_DONE, FLUSH_CYCLES);
    reg_clear(DPORT_APP_CACHE_CTRL_REG, DPORT_PRO_CACHE_FLUSH_ENA);
    /* "necessary to work around a hardware bug" (bootloader_reset_mmu) */
    reg_set(DPORT_APP_CACHE_CTRL1_REG, DPORT_APP_CACHE_MMU_IA_CLR | DPORT_PRO_CACHE_MASK_ALL);
    for (uint32_t entry = 0; entry < MMU_ENTRIES; entry++) {
        reg_write(DPORT_APP_FLASH_MMU_TABLE + 4 * entry, reg_read(DPORT_PRO_FLASH_MMU_TABLE + 4 * entry));
    }
    reg_clear(DPORT_APP_CACHE_CTRL1_REG,
        DPORT_APP_CACHE_MMU_IA_CLR | DPORT_PRO_CMMU_FLASH_PAGE_MODE_M | DPORT_PRO_CACHE_MASK_DROM0);
    reg_set(DPORT_APP_CACHE_CTRL_REG, DPORT_PRO_CACHE_ENABLE);
    return done;
}

/* Plain writes: each of these registers is one bit, and no DPORT register may be read any more. */
bool second_core_start(void) {
    const bool mapped = map_flash();
    unstall_second_core();
    reg_write(DPORT_APPCPU_CTRL_D_REG, (uint32_t)(uintptr_t)second_entry);
    reg_write(DPORT_APPCPU_CTRL_B_REG, DPORT_APPCPU_CLKGATE_EN);
    reg_write(DPORT_APPCPU_CTRL_C_REG, 0);
    reg_write(DPORT_APPCPU_CTRL_A_REG, DPORT_APPCPU_RESETTING);
    reg_write(DPORT_APPCPU_CTRL_A_REG, 0);
    const bool joined = second_core_joins(JOIN_CYCLES);
    reg_write(DPORT_APPCPU_CTRL_D_REG, 0);
    if (!mapped || !joined) {
        board_hold_second_core();
    }
    return mapped && joined;
}

/* Reset first: a core that is stopped within an access may keep its memory locked (esp_restart_noos). Then all is as
   after power-on. */
void board_hold_second_core(void) {
    reg_write(DPORT_APPCPU_CTRL_A_REG, DPORT_APPCPU_RESETTING);
    reg_write(DPORT_APPCPU_CTRL_B_REG, 0);
    reg_write(DPORT_APPCPU_CTRL_D_REG, 0);
    unstall_second_core();
    reg_clear(DPORT_APP_CACHE_CTRL_REG, DPORT_PRO_CACHE_ENABLE);
}

void second_core_park(void) {
    stall_second_core();
}

void second_core_unpark(void) {
    unstall_second_core();
}
