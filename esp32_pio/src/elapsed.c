/* The time since the start, from a counter of cycles that wraps. */
#include "application.h"

/* Dividing 64 bits would take a routine that the compiler's library lacks: differences stay below 32. */
uint32_t elapsed_us(const application *app) {
    static uint32_t microseconds, rest, last;
    const uint32_t now = board_cycles(), rate = app->board->cycles_per_microsecond;
    const uint32_t passed = now - last;
    last = now;
    microseconds += passed / rate;
    rest += passed % rate;
    if (rest >= rate) {
        rest -= rate;
        microseconds++;
    }
    return microseconds;
}
