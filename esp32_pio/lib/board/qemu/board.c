/* The board inside QEMU: input, output and exit are semihosting calls. */
#include "board.h"

#include <stddef.h>

#include "../portable/crash_record.h"
#include "camera.h"
#include "print.h"
#include "simulator.h"

void board_stop_watchdogs(void);
_Noreturn void _start(void);

enum { EXIT_END_OF_INPUT = 0, EXIT_HALTED = 70 };

/* Neither loaded nor cleared by start.S: zero at first, and kept when the program starts again. */
static const uint32_t MAGIC = 0xC4A5C4A5u;
static struct {
    uint32_t magic;
    board_crash crash;
} record __attribute__((section(".noinit")));

static _Noreturn void leave(uint32_t code) {
    for (;;) {
        simulator_exit(code);
    }
}

void board_stop_watchdogs(void) {}

void crash_record_write(const board_crash *crash) {
    record.crash = *crash;
    record.magic = MAGIC;
}

bool crash_record_read(board_crash *crash) {
    if (record.magic != MAGIC) {
        return false;
    }
    *crash = record.crash;
    return true;
}

const board_report *board_init(void) {
    static board_report report;
    report.name = "qemu";
    report.memory = "internal";
    report.camera_expected = camera_start();
    report.camera = report.camera_expected ? "folder" : NULL;
    report.cycles_per_microsecond = CYCLES_PER_MICROSECOND;
    report.crashed = crash_record_read(&report.crash);
    report.cores = 1;
    report.one_core = "the emulator has one";
    report.reset_cause = report.crashed ? "software" : "power-on";
    print(&board_console, "\nboot step=done\n");
    return &report;
}

uint32_t board_read(uint8_t *buffer, uint32_t bytes, uint32_t timeout_ms) {
    const int32_t got = simulator_read(buffer, bytes, timeout_ms);
    if (got < 0) { /* the host closed the line */
        leave(EXIT_END_OF_INPUT);
    }
    return (uint32_t)got;
}

void board_write(const uint8_t *bytes, uint32_t count) {
    simulator_write(bytes, count);
}

bool board_can_baud(uint32_t baud) {
    return baud > 0;
}

void board_set_baud(uint32_t baud) { /* a pipe has no speed */
    (void)baud;
}

void board_display(const uint8_t pixels[BOARD_DISPLAY_PAGES][BOARD_DISPLAY_WIDTH]) {
    (void)pixels;
}

void board_act(bool on) { /* it has no pins */
    (void)on;
}

bool board_button(void) {
    return false;
}

/* Nobody loads initialised data again: what the first run changed of them (src/answer.c's sender) stays. */
_Noreturn void board_restart_after(const board_crash *crash) {
    crash_record_write(crash);
    _start();
}

bool board_flash_retry(void) {
    return false; /* the emulator's reads right or not at all */
}

uint32_t board_cycles(void) {
    return simulator_cycles();
}

_Noreturn void board_halt(void) {
    leave(EXIT_HALTED);
}
