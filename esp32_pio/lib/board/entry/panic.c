/* A panic's last words: one line with the cause, one with the registers. Then the chip starts again, once: the next
   run knows of the crash, and when that one crashes too, the chip halts. */
#include <stdint.h>

#include "../portable/crash_record.h"
#include "board.h"
#include "panic_frame.h"
#include "print.h"

void panic(void);

struct panic_frame panic_frame; /* filled by the core's vectors */

enum { PANIC_STACK_WORDS = 256 };

static uint32_t panic_stack[PANIC_STACK_WORDS] __attribute__((aligned(16), used));
__asm__(".global panic_stack_top\n.set panic_stack_top, panic_stack + 1024");

static void print_register(const char *key, uint32_t value) {
    print_field(&board_console, key, "");
    print_hex(&board_console, value);
}

static void print_crash(const board_crash *crash) {
    print(&board_console, "\npanic");
    print_number(&board_console, "cause", crash->cause);
    print_field(&board_console, "name", board_crash_name(crash));
    print_register("epc", crash->pc);
    print_register(PANIC_ADDRESS_NAME, crash->address);
    print_register(PANIC_STATUS_NAME, PANIC_STATUS(&panic_frame));
    print_number(&board_console, "vector", crash->vector);
    print(&board_console, "\nregisters");
    for (uint32_t i = 0; i < PANIC_REGISTER_COUNT; i++) {
        print(&board_console, " " PANIC_REGISTER_LETTER);
        print_unsigned(&board_console, i);
        print(&board_console, "=");
        print_hex(&board_console, PANIC_REGISTERS(&panic_frame)[i]);
    }
    print(&board_console, "\n");
}

void panic(void) {
    static uint32_t depth;
    if (depth++ != 0) { /* printing itself failed */
        board_halt();
    }
    const board_crash crash = {
        .vector = PANIC_VECTOR(&panic_frame),
        .cause = panic_cause(&panic_frame),
        .pc = program_counter(&panic_frame),
        .address = PANIC_ADDRESS(&panic_frame),
    };
    print_crash(&crash);
    board_crash earlier;
    if (crash_record_read(&earlier)) {
        board_halt();
    }
    board_restart_after(&crash);
}
