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
    __asm__ volatile("ill");
}

static void write_and_crash(text_sink *sink, const char *text, uint32_t bytes) {
    (void)sink, (void)text, (void)bytes;
    illegal_instruction();
}

static void say_how_it_started(const board_report *board) {
    print(&console, "started");
    print_field(&console, "reset", board->reset_cause);
    if (board->crashed) {
        print_number(&console, "vector", board->crash.vector);
        print_number(&console, "cause", board->crash.cause);
        print_field(&console, "name", board_crash_name(&board->crash));
        print_field(&console, "pc", "");
        print_hex(&console, board->crash.pc);
        print_field(&console, "address", "");
        print_hex(&console, board->crash.address);
    }
    print(&console, "\n");
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
    case 'p': /* and again in the panic handler, when it prints */
        console.write = write_and_crash;
        illegal_instruction();
        break;
    case 'd':
        print_unsigned(&console, 1000u / zero);
        break;
    case 'a':
        print_unsigned(&console, *(volatile uint32_t *)(uintptr_t)(0x3FFB0001u + zero));
        break;
    case 'S':
    case 0: /* with which a frame begins */
        print_unsigned(&console, recurse(zero));
        break;
    default: /* unharmed: division and text, as the host knows them */
        print_signed(&console, INT32_MIN);
        print_number(&console, "quotient", 4000000000u / (7u + zero));
        print_number(&console, "rest", 4000000000u % (7u + zero));
        print(&console, " signed=");
        print_signed(&console, -1000003 / (int32_t)(17u + zero));
        print(&console, ",");
        print_signed(&console, -1000003 % (int32_t)(17u + zero));
        print(&console, " hex=");
        print_hex(&console, 0xDEADBEEFu);
        print(&console, "\n");
        break;
    }
    return 0;
}
