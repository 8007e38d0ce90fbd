/* The flash, set up to be read through the cache, or once more in another way. The order is ESP-IDF's:
   bootloader_flash_update_id, then bootloader_init_flash_configure. */
#include "../portable/flash_facts.h"
#include "drivers.h"
#include "flash_parts.h"

enum { WAITS = 3, SLOWEST_MHZ = 20 };

static struct {
    flash_timing standard;
    uint32_t attempt; /* 0: the standard one is set */
} state;

static uint32_t slower(uint32_t mhz) {
    return mhz == 80 ? 40 : SLOWEST_MHZ;
}

/* Number `attempt` of all settings under which a flash might read: the standard one, then 0, 1 and 2 cycles more than
   the mode asks for at its speed, and the same at each slower one. False behind the last. */
static bool setting(uint32_t attempt, flash_timing *timing) {
    *timing = state.standard;
    if (attempt == 0) {
        return true;
    }
    for (uint32_t i = 0; i < (attempt - 1) / WAITS; i++) {
        if (timing->mhz == SLOWEST_MHZ) {
            return false;
        }
        timing->mhz = slower(timing->mhz);
    }
    timing->dummy = (attempt - 1) % WAITS;
    return true;
}

static void report_timing(board_flash *flash, flash_timing timing) {
    flash->mhz = timing.mhz;
    flash->dummy = timing.dummy;
    flash->standard = timing.mhz == state.standard.mhz && timing.dummy == state.standard.dummy;
}

static const char *routing(void) {
    return flash_pins_direct() ? FLASH_ROUTING_DIRECT : FLASH_ROUTING_MATRIX;
}

bool flash_start(uint32_t pages, uint32_t flash_mhz, board_flash *flash) {
    bool done = flash_cache_off();
    flash->pins = flash_pins_name();
    flash->rom_routing = routing();
    /* The ROM adds as many cycles. */
    const flash_timing rom = flash_timing_standard(flash_mhz, flash_pins_direct());
    flash->id = flash_id_read(rom.dummy);
    flash->bytes = flash_id_bytes(flash->id);
    flash_pins_route(flash_mhz, flash->id);
    flash->routing = routing();
    state.standard = flash_timing_standard(flash_mhz, flash_pins_direct());
    state.attempt = 0;
    done = flash_timing_set(state.standard) && done;
    report_timing(flash, state.standard);
    done = flash_cache_flush() && done;
    flash_cache_map(pages);
    flash_cache_on();
    return done;
}

bool flash_retry(board_flash *flash) {
    flash_timing timing;
    bool left;
    do {
        left = setting(++state.attempt, &timing);
    } while (left && timing.mhz == state.standard.mhz && timing.dummy == state.standard.dummy);
    if (!left) {
        state.attempt = 0;
        timing = state.standard;
    }
    flash_cache_off();
    flash_timing_set(timing);
    flash_cache_flush();
    flash_cache_on();
    report_timing(flash, timing);
    return left;
}
