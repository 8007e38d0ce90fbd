/* A panic's last words: one line with the cause, one with the registers. Then the chip starts again, once: the next
   run knows of the crash, and when that one crashes too, the chip halts. */
#include <stdint.h>

#include "../portable/crash_record.h"
#include "../portable/vector_numbers.h"
#include "board.h"
#include "print.h"

void panic(void);

struct panic_frame { /* filled by vectors.S */
    uint32_t a[16];
    uint32_t vector, exccause, epc1, excvaddr, ps, depc, epc_debug, debugcause;
};

struct panic_frame panic_frame;

enum { PANIC_STACK_WORDS = 256 };

static uint32_t panic_stack[PANIC_STACK_WORDS] __attribute__((aligned(16), used));
__asm__(".global panic_stack_top\n.set panic_stack_top, panic_stack + 1024");

static uint32_t program_counter(const struct panic_frame *frame) {
    switch (frame->vector) {
    case VECTOR_DEBUG:
        return frame->epc_debug;
    case VECTOR_DOUBLE:
        return frame->depc;
    default:
        return frame->epc1;
    }
}

static void print_register(const char *key, uint32_t value) {
    print_field(&board_console, key, "");
    print_hex(&board_console, value);
}

static void print_crash(const board_crash *crash) {
    print(&board_console, "\npanic");
    print_number(&board_console, "cause", crash->cause);
    print_field(&board_console, "name", board_crash_name(crash));
    print_register("epc", crash->pc);
    print_register("excvaddr", crash->address);
    print_register("ps", panic_frame.ps);
    print_number(&board_console, "vector", crash->vector);
    print(&board_console, "\nregisters");
    for (uint32_t i = 0; i < 16; i++) {
        print(&board_console, " a");
        print_unsigned(&board_console, i);
        print(&board_console, "=");
        print_hex(&board_console, panic_frame.a[i]);
    }
    print(&board_console, "\n");
}

void panic(void) {
    static uint32_t depth;
    if (depth++ != 0) { /* printing itself failed */
        board_halt();
    }
    const board_crash crash = {
        .vector = panic_frame.vector,
        .cause = panic_frame.vector == VECTOR_DEBUG ? panic_frame.debugcause : panic_frame.exccause,
        .pc = program_counter(&panic_frame),
        .address = panic_frame.excvaddr,
    };
    print_crash(&crash);
    board_crash earlier;
    if (crash_record_read(&earlier)) {
        board_halt();
    }
    board_restart_after(&crash);
}
