/* Text, piece by piece: on the serial line (`board_console`) or to wherever else a sink leads. */
#ifndef PRINT_H
#define PRINT_H

#include <stdint.h>

typedef struct text_sink {
    void (*write)(struct text_sink *sink, const char *text, uint32_t bytes);
} text_sink;

extern text_sink board_console;

void print(text_sink *sink, const char *text);
void print_unsigned(text_sink *sink, uint32_t value);
void print_signed(text_sink *sink, int32_t value);
void print_hex(text_sink *sink, uint32_t value); /* 0x and eight digits */

/* ` key=value`, as the lines of the console are made of. */
void print_field(text_sink *sink, const char *key, const char *value);
void print_number(text_sink *sink, const char *key, uint32_t value);

/* On the console, before a step of the boot: the last line seen tells where a chip stopped. */
void print_boot_step(const char *step);

#endif
