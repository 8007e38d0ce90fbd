/* Text and numbers to a sink, without the C library's printf. */
#include "print.h"

#include <string.h>

#include "board.h"

static void write_console(text_sink *sink, const char *text, uint32_t bytes) {
    (void)sink;
    board_write((const uint8_t *)text, bytes);
}

text_sink board_console = {write_console};

void print(text_sink *sink, const char *text) {
    sink->write(sink, text, (uint32_t)strlen(text));
}

void print_unsigned(text_sink *sink, uint32_t value) {
    char digits[11];
    char *first = &digits[sizeof digits - 1];
    *first = '\0';
    do {
        const uint32_t rest = value / 10u;
        *--first = (char)('0' + (value - rest * 10u));
        value = rest;
    } while (value != 0);
    print(sink, first);
}

void print_signed(text_sink *sink, int32_t value) {
    if (value < 0) {
        print(sink, "-");
    }
    print_unsigned(sink, value < 0 ? 0u - (uint32_t)value : (uint32_t)value);
}

void print_hex(text_sink *sink, uint32_t value) {
    char text[] = "0x00000000";
    for (uint32_t i = 0; i < 8; i++) {
        text[9 - i] = "0123456789abcdef"[(value >> (4 * i)) & 15u];
    }
    print(sink, text);
}

void print_field(text_sink *sink, const char *key, const char *value) {
    print(sink, " ");
    print(sink, key);
    print(sink, "=");
    print(sink, value);
}

void print_number(text_sink *sink, const char *key, uint32_t value) {
    print_field(sink, key, "");
    print_unsigned(sink, value);
}

void print_boot_step(const char *step) {
    print(&board_console, "boot");
    print_field(&board_console, "step", step);
    print(&board_console, "\n");
}
