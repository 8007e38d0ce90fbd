/* The board inside qemu-system-xtensa: input, output and exit are semihosting calls. */
#include "board.h"

#include <stddef.h>

#include "../portable/crash_record.h"
#include "print.h"

void board_stop_watchdogs(void);
_Noreturn void _start(void);

/* Numbers of the simulator's calls, as in QEMU's target/xtensa/xtensa-semi.c. */
enum { CALL_EXIT = 1, CALL_READ = 3, CALL_WRITE = 4, CALL_SELECT = 29 };
enum { STDIN = 0, STDOUT = 1, SELECT_READ = 1, EXIT_END_OF_INPUT = 0, EXIT_HALTED = 70 };

/* With -icount CCOUNT runs at 40 MHz of virtual time, whatever the guest does. */
enum { CYCLES_PER_MICROSECOND = 40 };

/* Neither loaded nor cleared by start.S: zero at first, and kept when the program starts again. */
static const uint32_t MAGIC = 0xC4A5C4A5u;
static struct {
    uint32_t magic;
    board_crash crash;
} record __attribute__((section(".noinit")));

static int32_t simulator_call(uint32_t call, uint32_t a, uint32_t b, uint32_t c) {
    register uint32_t a2 __asm__("a2") = call;
    register uint32_t a3 __asm__("a3") = a;
    register uint32_t a4 __asm__("a4") = b;
    register uint32_t a5 __asm__("a5") = c;
    __asm__ volatile("simcall" : "+r"(a2), "+r"(a3) : "r"(a4), "r"(a5) : "memory");
    return (int32_t)a2;
}

static _Noreturn void leave(uint32_t code) {
    for (;;) {
        simulator_call(CALL_EXIT, code, 0, 0);
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
    report.cycles_per_microsecond = CYCLES_PER_MICROSECOND;
    report.crashed = crash_record_read(&report.crash);
    report.reset_cause = report.crashed ? "software" : "power-on";
    print(&board_console, "\nboot step=done\n");
    return &report;
}

uint32_t board_read(uint8_t *buffer, uint32_t bytes, uint32_t timeout_ms) {
    const uint32_t wait[2] = {timeout_ms / 1000u, timeout_ms % 1000u * 1000u}; /* seconds, microseconds */
    if (simulator_call(CALL_SELECT, STDIN, SELECT_READ, (uint32_t)(uintptr_t)wait) <= 0) {
        return 0;
    }
    const int32_t got = simulator_call(CALL_READ, STDIN, (uint32_t)(uintptr_t)buffer, bytes);
    if (got <= 0) { /* the host closed the line */
        leave(EXIT_END_OF_INPUT);
    }
    return (uint32_t)got;
}

void board_write(const uint8_t *bytes, uint32_t count) {
    simulator_call(CALL_WRITE, STDOUT, (uint32_t)(uintptr_t)bytes, count);
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
    uint32_t count;
    __asm__ volatile("rsr %0, ccount" : "=a"(count));
    return count;
}

_Noreturn void board_halt(void) {
    leave(EXIT_HALTED);
}
