/* An ESP32-C3 or ESP32-S3 behind board.h: its drivers, in the order of the boot. Many boards have no other port than
   USB, so all that is said goes to it and to the serial port, and both are heard. */
#include "board.h"

#include <stddef.h>

#include "../portable/crash_record.h"
#include "../portable/image_data.h"
#include "../ssd1306/ssd1306.h"
#include "../two_cores/second_core.h"
#include "drivers.h"
#include "print.h"
#include "registers.h"
#include "soc/extmem_reg.h"

void board_stop_watchdogs(void);

extern const uint8_t _flash_end[];

static board_chip chip;
static board_flash flash;
static board_report report = {.name = CHIP_ENV,
    .memory = "internal",
    .chip = &chip,
    .flash = &flash,
    .crystal_mhz = CRYSTAL_MHZ,
    .cycles_per_microsecond = CRYSTAL_MHZ};

void board_stop_watchdogs(void) {
    watchdogs_off();
    cycle_count_start();
}

static void note(const char *step, bool done) {
    if (!done && report.failed_step == NULL) {
        report.failed_step = step;
    }
}

static void look_at_chip(void) {
    chip.revision = efuse_revision();
    chip.name = efuse_chip_name();
    chip.rated_mhz = CPU_MHZ;
    chip.second_core_reset = reset_cause_second_core();
    chip.protection = efuse_protection();
}

static void start_line(void) {
    note("serial", uart_set_baud(image_baud_rate));
    print(&board_console, "\n");
}

static void start_clock(void) {
    print_boot_step("clock");
    note("clock", uart_drain());
    regi2c_enable();
    const bool fast = clock_to_pll();
    note("clock", fast);
    if (!fast) {
        clock_to_crystal(); /* the ROM runs on half of it */
    }
    report.cycles_per_microsecond = fast ? CPU_MHZ : CRYSTAL_MHZ;
}

static void map_flash(void) {
    print_boot_step("flash");
    const uint32_t end = (uint32_t)(uintptr_t)_flash_end - DROM_BASE;
    flash.image_bytes = image_flash_bytes;
    note("flash", flash_start((end + DROM_PAGE_BYTES - 1) / DROM_PAGE_BYTES, image_flash_mhz, &flash));
}

static void start_display(void) {
    print_boot_step("display");
    const i2c_result display = ssd1306_init(CRYSTAL_MHZ * 1000000u);
    note("display", display != I2C_STUCK); /* none is no failure */
    report.display = display == I2C_DONE ? "ssd1306" : NULL;
}

const board_report *board_init(void) {
    report.reset_cause = reset_cause();
    report.crashed = crash_record_read(&report.crash);
    board_look_for_cores(&report, efuse_one_core());
    look_at_chip();
    button_init();
    output_init();
    start_line();
    start_clock();
    chip.brownout = power_brownout_on();
    map_flash();
    if (!report.crashed) { /* maybe there: the line comes first */
        start_display();
    }
    print_boot_step("done");
    return &report;
}

bool board_flash_retry(void) {
    return false; /* the ROM has read the image in the way that stays set */
}

uint32_t board_read(uint8_t *buffer, uint32_t bytes, uint32_t timeout_ms) {
    const uint32_t start = cycle_count(), timeout = timeout_ms * 1000u * report.cycles_per_microsecond;
    do {
        uint32_t count = uart_read(buffer, bytes);
        if (count == 0) {
            count = usb_read(buffer, bytes);
        }
        if (count != 0) {
            return count;
        }
    } while (cycle_count() - start < timeout);
    return 0;
}

void board_write(const uint8_t *bytes, uint32_t count) {
    usb_write(bytes, count);
    uart_write(bytes, count);
}

bool board_can_baud(uint32_t baud) {
    return uart_can_baud(baud);
}

void board_set_baud(uint32_t baud) {
    uart_set_baud(baud);
}

void board_display(const uint8_t pixels[BOARD_DISPLAY_PAGES][BOARD_DISPLAY_WIDTH]) {
    if (report.display != NULL && !ssd1306_show(&pixels[0][0])) {
        report.display = NULL; /* it has gone */
    }
}

bool board_button(void) {
    return button_held();
}

_Noreturn void board_restart_after(const board_crash *crash) {
    crash_record_write(crash);
    reset_chip();
    board_halt();
}

uint32_t board_cycles(void) {
    return cycle_count();
}

_Noreturn void board_halt(void) {
    for (;;) {
    }
}
