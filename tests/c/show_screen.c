/* The screen's functions on this machine: calls come on stdin, each screen that they show goes out as 8 pages of 128
   bytes. A call is a letter, four numbers of 32 bits (little endian) and two strings that end with 0. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "screen.h"

enum { LONGEST = 1000 };

void board_display(const uint8_t pixels[BOARD_DISPLAY_PAGES][BOARD_DISPLAY_WIDTH]) {
    fwrite(pixels, 1, (size_t)BOARD_DISPLAY_PAGES * BOARD_DISPLAY_WIDTH, stdout);
}

void board_write(const uint8_t *bytes, uint32_t count) {
    (void)bytes, (void)count;
    abort(); /* the screen does not print on the console */
}

/* A string in memory of its very size, so that AddressSanitizer sees the first byte that is too far. */
static char *read_string(void) {
    char text[LONGEST + 1];
    uint32_t length = 0;
    for (int byte; length < LONGEST && (byte = getchar()) > 0;) {
        text[length++] = (char)byte;
    }
    text[length++] = '\0';
    char *exact = malloc(length);
    memcpy(exact, text, length);
    return exact;
}

static void call(int letter, const uint32_t numbers[4], const char *one, const char *other) {
    const uint32_t a = numbers[0], b = numbers[1];
    const screen_score score = {*other == '\0', (int32_t)a}; /* with a second string it is no probability */
    switch (letter) {
    case 'c':
        screen_clear();
        break;
    case 't':
        screen_text(a, b, one);
        break;
    case 'l':
        screen_large(a, one);
        break;
    case 's':
        screen_show();
        break;
    case 'b':
        screen_boot(one, a != 0);
        break;
    case 'r':
        screen_result(one, score, b);
        break;
    case 'p':
        screen_photograph(one, score, b, numbers[2], numbers[3]);
        break;
    case 'm':
        screen_message(one, other);
        break;
    default:
        abort();
    }
}

int main(void) {
    uint32_t numbers[4];
    for (int letter; (letter = getchar()) != EOF && fread(numbers, sizeof numbers, 1, stdin) == 1;) {
        char *one = read_string(), *other = read_string();
        call(letter, numbers, one, other);
        free(one);
        free(other);
    }
    return 0;
}
