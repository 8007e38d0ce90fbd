/* Text on the serial line, piece by piece. */
#ifndef PRINT_H
#define PRINT_H

#include <stdint.h>

void print(const char *text);
void print_unsigned(uint32_t value);
void print_signed(int32_t value);
void print_hex(uint32_t value); /* 0x and eight digits */

/* ` key=value`, as all lines of the protocol are made of. */
void print_field(const char *key, const char *value);
void print_number(const char *key, uint32_t value);

#endif
