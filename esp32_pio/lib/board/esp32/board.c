/* The classic ESP32 behind board.h: its drivers, in the order of the boot. */
#include "board.h"

#include <stddef.h>

#include "../portable/chip_name.h"
#include "../portable/crash_record.h"
#include "../portable/image_data.h"
#include "../ssd1306/ssd1306.h"
#include "../two_cores/second_core.h"
#include "drivers.h"
#include "print.h"
#include "registers.h"
#include "soc/drom.h"

void board_stop_watchdogs(void);

extern const uint8_t _flash_end[];

static board_chip chip;
static board_flash flash;
static board_report report = {.name = "esp32", .memory = "internal", .chip = &chip, .flash = &flash};

void board_stop_watchdogs(void) {
    watchdogs_off();
}

static void note(const char *step, bool done) {
    if (!done && report.failed_step == NULL) {
        report.failed_step = step;
    }
}

static void look_at_chip(void) {
    chip.revision = efuse_revision();
    chip.name = chip_name(efuse_package(), chip.revision, efuse_single_core());
    chip.rated_mhz = efuse_rated_mhz();
    chip.second_core_reset = reset_cause_second_core();
    chip.protection = efuse_protection();
}

/* The first line has to come at the right speed, so the clock it comes with has to be the crystal's. */
static void start_line(void) {
    const bool said = uart_drain(); /* what the ROM is still saying, at its speed */
    clock_leave_pll(report.crystal_mhz);
    note("serial", uart_set_baud(clock_peripheral_hz(report.crystal_mhz), image_baud_rate) && said);
    print(&board_console, "\n");
}

static void start_clock(void) {
    print_boot_step("clock");
    note("clock", uart_drain());
    const bool fast = clock_to_pll(report.crystal_mhz, chip.rated_mhz, image_flash_mhz);
    note("clock", fast);
    report.cycles_per_microsecond = fast ? chip.rated_mhz : report.crystal_mhz;
    note("serial", uart_set_baud(clock_peripheral_hz(report.crystal_mhz), image_baud_rate));
}

static void map_flash(void) {
    print_boot_step("flash");
    const uint32_t end = (uint32_t)(uintptr_t)_flash_end - DROM_BASE;
    flash.image_bytes = image_flash_bytes;
    note("flash", flash_start((end + DROM_PAGE_BYTES - 1) / DROM_PAGE_BYTES, image_flash_mhz, &flash));
}

static void start_display(void) {
    print_boot_step("display");
    const i2c_result display = ssd1306_init(clock_peripheral_hz(report.crystal_mhz));
    note("display", display != I2C_STUCK); /* none is no failure */
    report.display = display == I2C_DONE ? "ssd1306" : NULL;
}

const board_report *board_init(void) {
    report.reset_cause = reset_cause();
    report.crashed = crash_record_read(&report.crash);
    report.crystal_mhz = clock_crystal_mhz();
    flash.supply = power_flash_supply();
    board_look_for_cores(&report, efuse_single_core() ? "single-core part" : NULL);
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
    return flash_retry(&flash);
}

uint32_t board_read(uint8_t *buffer, uint32_t bytes, uint32_t timeout_ms) {
    return uart_read(buffer, bytes, timeout_ms * 1000u * report.cycles_per_microsecond);
}

void board_write(const uint8_t *bytes, uint32_t count) {
    uart_write(bytes, count);
}

bool board_can_baud(uint32_t baud) {
    return uart_can_baud(baud);
}

void board_set_baud(uint32_t baud) {
    uart_set_baud(clock_peripheral_hz(report.crystal_mhz), baud);
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
    reset_chip(clock_crystal_mhz());
    board_halt();
}

uint32_t board_cycles(void) {
    return cycle_count();
}

_Noreturn void board_halt(void) {
    for (;;) {
    }
}
