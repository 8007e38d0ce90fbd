/* Takes the place of the application in tests of the panic handler: dies in the way that its input names. */
#include <stdint.h>

#include "board.h"
#include "print.h"

static uint32_t recurse(uint32_t depth) {
    volatile uint32_t words[8];
    words[depth & 7u] = depth;
    return depth == UINT32_MAX ? 0 : recurse(depth + 1) + words[(depth + 1) & 7u];
}

int main(void) {
    board_init();
    uint8_t how = 0;
    board_read(&how, 1, 1000);
    volatile uint32_t zero = 0;
    switch (how) {
    case 'i':
        __asm__ volatile("ill");
        break;
    case 'd':
        print_unsigned(&console, 1000u / zero);
        break;
    case 'a':
        print_unsigned(&console, *(volatile uint32_t *)(uintptr_t)(0x3FFB0001u + zero));
        break;
    case 'S': /* with which frames begin, too */
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
