/* A panic's last words: one line with the cause, one with the registers. Then the chip starts again, once: the next
   run knows of the crash, and when that one crashes too, the chip halts. What the second core dies of, the first one
   says. */
#include "panic.h"

#include "../portable/crash_record.h"
#include "../portable/vector_numbers.h"
#include "../two_cores/second_core.h"
#include "board.h"
#include "print.h"

struct panic_frame panic_frames[PANIC_CORES];

enum { PANIC_STACK_WORDS = 256 };

static uint32_t panic_stack[PANIC_STACK_WORDS] __attribute__((aligned(16), used));
__asm__(".global panic_stack_top\n.set panic_stack_top, panic_stack + 1024");

static void print_register(const char *key, uint32_t value) {
    print_field(&board_console, key, "");
    print_hex(&board_console, value);
}

static void print_crash(const board_crash *crash, const struct panic_frame *frame) {
    print(&board_console, "\npanic");
    print_number(&board_console, "cause", crash->cause);
    print_field(&board_console, "name", board_crash_name(crash));
    print_register("epc", crash->pc);
    print_register(PANIC_ADDRESS_NAME, crash->address);
    print_register(PANIC_STATUS_NAME, PANIC_STATUS(frame));
    print_number(&board_console, "vector", crash->vector);
    if (crash->core != 0) {
        print_number(&board_console, "core", crash->core);
    }
    print(&board_console, "\nregisters");
    for (uint32_t i = 0; i < PANIC_REGISTER_COUNT; i++) {
        print(&board_console, " " PANIC_REGISTER_LETTER);
        print_unsigned(&board_console, i);
        print(&board_console, "=");
        print_hex(&board_console, PANIC_REGISTERS(frame)[i]);
    }
    print(&board_console, "\n");
}

_Noreturn void panic_of(uint32_t core) {
    static uint32_t depth;
    if (depth++ != 0) { /* printing itself failed */
        board_halt();
    }
    board_hold_second_core(); /* it shall not go on in what is not whole any more */
    const struct panic_frame *frame = &panic_frames[core];
    const board_crash crash = {
        .vector = PANIC_VECTOR(frame),
        .cause = panic_cause(frame),
        .pc = program_counter(frame),
        .address = PANIC_ADDRESS(frame),
        .core = core,
    };
    print_crash(&crash, frame);
    board_crash earlier;
    if (crash_record_read(&earlier) && earlier.vector != VECTOR_SILENT) {
        board_halt();
    }
    board_restart_after(&crash);
}

void panic(void) {
    panic_of(0);
}
