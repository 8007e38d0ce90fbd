/* The display's font. */
#ifndef FONT_H
#define FONT_H

#include <stdint.h>

enum { FONT_FIRST = ' ', FONT_GLYPHS = 95, FONT_WIDTH = 5 };

/* Printable ASCII; a byte is a column of 8 pixels, the lowest bit is the upper one. */
extern const uint8_t font[FONT_GLYPHS][FONT_WIDTH];

#endif
