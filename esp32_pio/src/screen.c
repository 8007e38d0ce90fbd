/* Texts and whole screens, drawn in memory and sent to the display. */
#include "screen.h"

#include <string.h>

#include "board.h"
#include "font.h"
#include "print.h"

enum { NAME_ROWS = 4, NUMBER_ROW = 4, TEXT_ROW = 5, CAMERA_ROW = 6, LAST_ROW = SCREEN_ROWS - 1 };

static uint8_t pixels[BOARD_DISPLAY_PAGES][BOARD_DISPLAY_WIDTH]; /* a page is a row of small text */
static uint32_t boot_lines;

static const uint8_t BOX[FONT_WIDTH] = {0x00, 0x7F, 0x41, 0x7F, 0x00};

/* Where text goes that is printed on the screen. */
typedef struct {
    text_sink sink;
    bool large;
    uint32_t row, column;
} cursor;

static const uint8_t *glyph(char character) {
    const uint32_t index = (uint8_t)character - (uint32_t)FONT_FIRST; /* wraps below the first */
    return index < FONT_GLYPHS ? font[index] : BOX;
}

static void draw_small(uint32_t row, uint32_t column, char character) {
    if (row < SCREEN_ROWS && column < SCREEN_COLUMNS) {
        memcpy(&pixels[row][column * FONT_WIDTH], glyph(character), FONT_WIDTH);
    }
}

/* Each of eight bits twice. */
static uint32_t doubled(uint32_t bits) {
    uint32_t twice = 0;
    for (uint32_t bit = 0; bit < 8; bit++) {
        twice |= (bits >> bit & 1u) * 3u << (2 * bit);
    }
    return twice;
}

static void draw_large(uint32_t row, uint32_t column, char character) {
    if (row >= LAST_ROW || column >= SCREEN_LARGE_COLUMNS) {
        return;
    }
    const uint8_t *columns = glyph(character);
    for (uint32_t x = 0; x < 2 * FONT_WIDTH; x++) {
        const uint32_t twice = doubled(columns[x / 2]), at = column * 2 * FONT_WIDTH + x;
        pixels[row][at] = (uint8_t)twice;
        pixels[row + 1][at] = (uint8_t)(twice >> 8);
    }
}

static void write_screen(text_sink *sink, const char *text, uint32_t bytes) {
    cursor *at = (cursor *)sink;
    for (uint32_t i = 0; i < bytes && at->column < SCREEN_COLUMNS; i++, at->column++) {
        (at->large ? draw_large : draw_small)(at->row, at->column, text[i]);
    }
}

static cursor cursor_at(uint32_t row, uint32_t column, bool large) {
    return (cursor){{write_screen}, large, row, column};
}

void screen_clear(void) {
    memset(pixels, 0, sizeof pixels);
    boot_lines = 0;
}

void screen_text(uint32_t row, uint32_t column, const char *text) {
    cursor at = cursor_at(row, column, false);
    print(&at.sink, text);
}

void screen_large(uint32_t row, const char *text) {
    cursor at = cursor_at(row, 0, true);
    print(&at.sink, text);
}

void screen_show(void) {
    board_display(pixels);
}

/* How many bytes of the text stand on a line: up to a blank, where there is one. */
static uint32_t line_bytes(const char *text, uint32_t columns) {
    uint32_t end = 0, last_blank = 0;
    while (end <= columns && text[end] != '\0') {
        if (text[end] == ' ') {
            last_blank = end;
        }
        end++;
    }
    if (end <= columns) {
        return end;
    }
    return last_blank > 0 ? last_blank : columns;
}

static const char *next_line(const char *text, uint32_t bytes) {
    return text + bytes + (text[bytes] == ' ');
}

static bool fits_large(const char *text) {
    for (uint32_t line = 0; line < NAME_ROWS / 2; line++) {
        const uint32_t bytes = line_bytes(text, SCREEN_LARGE_COLUMNS);
        if (text[bytes] != '\0' && text[bytes] != ' ') {
            return false; /* it would cut a word */
        }
        text = next_line(text, bytes);
    }
    return *text == '\0';
}

static void draw_lines(uint32_t row, uint32_t end_row, const char *text, bool large) {
    for (; row < end_row && *text != '\0'; row += large ? 2 : 1) {
        const uint32_t bytes = line_bytes(text, large ? SCREEN_LARGE_COLUMNS : SCREEN_COLUMNS);
        cursor at = cursor_at(row, 0, large);
        write_screen(&at.sink, text, bytes);
        text = next_line(text, bytes);
    }
}

static void draw_name(const char *name) {
    draw_lines(0, NAME_ROWS, name, fits_large(name));
}

/* A number of tenths, as a number with a decimal. */
static void print_tenths(text_sink *sink, uint32_t tenths) {
    print_unsigned(sink, tenths / 10u);
    print(sink, ".");
    print_unsigned(sink, tenths % 10u);
}

void screen_boot(const char *step, bool ok) {
    if (boot_lines == SCREEN_ROWS) {
        boot_lines--;
        memmove(pixels[0], pixels[1], sizeof pixels - sizeof pixels[0]);
        memset(pixels[LAST_ROW], 0, sizeof pixels[LAST_ROW]);
    }
    screen_text(boot_lines, 0, step);
    const char *outcome = ok ? " ok" : " FAILED";
    screen_text(boot_lines, SCREEN_COLUMNS - (uint32_t)strlen(outcome), outcome);
    boot_lines++;
    screen_show();
}

static void print_milliseconds(text_sink *sink, uint32_t microseconds) {
    print_tenths(sink, microseconds / 100u + (microseconds % 100u >= 50u));
}

static void print_score(text_sink *sink, screen_score score) {
    if (score.probability) {
        print_tenths(sink, (uint32_t)score.value);
        print(sink, "%");
    } else {
        print(sink, "score ");
        print_signed(sink, score.value);
    }
}

static void draw_result(const char *class_name, screen_score score, uint32_t microseconds) {
    screen_clear();
    draw_name(class_name);
    cursor number = cursor_at(NUMBER_ROW, 0, true);
    print_score(&number.sink, score);
    cursor time = cursor_at(LAST_ROW, 0, false);
    print_milliseconds(&time.sink, microseconds);
    print(&time.sink, " ms");
}

void screen_result(const char *class_name, screen_score score, uint32_t microseconds) {
    draw_result(class_name, score, microseconds);
    screen_show();
}

void screen_photograph(const char *class_name, screen_score score, uint32_t capture_us, uint32_t prepare_us,
    uint32_t microseconds) {
    draw_result(class_name, score, microseconds);
    cursor times = cursor_at(CAMERA_ROW, 0, false);
    print(&times.sink, "take ");
    print_milliseconds(&times.sink, capture_us);
    print(&times.sink, " prep ");
    print_milliseconds(&times.sink, prepare_us);
    screen_show();
}

void screen_message(const char *line1, const char *line2) {
    screen_clear();
    draw_name(line1);
    draw_lines(TEXT_ROW, SCREEN_ROWS, line2, false);
    screen_show();
}
