/* Takes the place of the application in tests of the panic handler: says how it was started, then dies in the way that
   the next byte of its input names. */
#include <stdint.h>

#include "board.h"
#include "print.h"

static uint32_t recurse(uint32_t depth) {
    volatile uint32_t words[8];
    words[depth & 7u] = depth;
    return depth == UINT32_MAX ? 0 : recurse(depth + 1) + words[(depth + 1) & 7u];
}

static __attribute__((noinline)) void illegal_instruction(void) {
#if defined(__riscv)
    __asm__ volatile("unimp");
#else
    __asm__ volatile("ill");
#endif
}

/* A test makes the vectors take MISC0, which is nobody's, for PRID: so one core is the other. */
static void become_second_core(void) {
#if !defined(__riscv)
    register uint32_t second __asm__("a2") = 1u << 13;
    __asm__ volatile(".byte 2 << 4, 244, 0x13" : : "r"(second));
#endif
}

static void write_and_crash(text_sink *sink, const char *text, uint32_t bytes) {
    (void)sink, (void)text, (void)bytes;
    illegal_instruction();
}

static void say_how_it_started(const board_report *board) {
    print(&board_console, "started");
    print_field(&board_console, "reset", board->reset_cause);
    if (board->crashed) {
        print_number(&board_console, "vector", board->crash.vector);
        print_number(&board_console, "cause", board->crash.cause);
        print_field(&board_console, "name", board_crash_name(&board->crash));
        print_field(&board_console, "pc", "");
        print_hex(&board_console, board->crash.pc);
        print_field(&board_console, "address", "");
        print_hex(&board_console, board->crash.address);
        if (board->crash.core != 0) {
            print_number(&board_console, "core", board->crash.core);
        }
    }
    print(&board_console, "\n");
}

int main(void) {
    say_how_it_started(board_init());
    uint8_t how = 0;
    board_read(&how, 1, 1000);
    volatile uint32_t zero = 0;
    switch (how) {
    case 'i':
        illegal_instruction();
        break;
    case '2':
        become_second_core();
        illegal_instruction();
        break;
    case 'p': /* and again in the panic handler, when it prints */
        board_console.write = write_and_crash;
        illegal_instruction();
        break;
    case 'd':
        print_unsigned(&board_console, 1000u / zero);
        break;
    case 'a':
        print_unsigned(&board_console, *(volatile uint32_t *)(uintptr_t)(0x3FFB0001u + zero));
        break;
    case 'n': /* where nothing is */
        print_unsigned(&board_console, *(volatile uint32_t *)(uintptr_t)(0xF0000000u + zero));
        break;
    case 'S':
    case 0: /* with which a frame begins */
        print_unsigned(&board_console, recurse(zero));
        break;
    default: /* unharmed: division and text, as the host knows them */
        print_signed(&board_console, INT32_MIN);
        print_number(&board_console, "quotient", 4000000000u / (7u + zero));
        print_number(&board_console, "rest", 4000000000u % (7u + zero));
        print(&board_console, " signed=");
        print_signed(&board_console, -1000003 / (int32_t)(17u + zero));
        print(&board_console, ",");
        print_signed(&board_console, -1000003 % (int32_t)(17u + zero));
        print(&board_console, " hex=");
        print_hex(&board_console, 0xDEADBEEFu);
        print(&board_console, "\n");
        break;
    }
    return 0;
}
