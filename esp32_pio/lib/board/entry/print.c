#include "print.h"

#include <string.h>

#include "board.h"

void print(const char *text) {
    board_write(text, (uint32_t)strlen(text));
}

void print_unsigned(uint32_t value) {
    char digits[11];
    char *first = &digits[sizeof digits - 1];
    *first = '\0';
    do {
        const uint32_t rest = value / 10u;
        *--first = (char)('0' + (value - rest * 10u));
        value = rest;
    } while (value != 0);
    print(first);
}

void print_signed(int32_t value) {
    if (value < 0) {
        print("-");
    }
    print_unsigned(value < 0 ? 0u - (uint32_t)value : (uint32_t)value);
}

void print_hex(uint32_t value) {
    char text[] = "0x00000000";
    for (uint32_t i = 0; i < 8; i++) {
        text[9 - i] = "0123456789abcdef"[(value >> (4 * i)) & 15u];
    }
    print(text);
}

void print_field(const char *key, const char *value) {
    print(" ");
    print(key);
    print("=");
    print(value);
}

void print_number(const char *key, uint32_t value) {
    print_field(key, "");
    print_unsigned(value);
}
