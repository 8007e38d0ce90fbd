/* The second core of a target that has none. */
#include "../two_cores/second_core.h"

void board_look_for_cores(board_report *report, const char *none) {
    report->cores = 1;
    report->one_core = none;
}

void board_start_second_core(void) {}

void board_share(void (*work)(void *context), void *context) {
    (void)work, (void)context;
}

bool board_meet(uint32_t core) {
    (void)core;
    return false;
}

bool board_share_end(void) {
    return false;
}

void board_lose_second_core(void) {}

void board_hold_second_core(void) {}

uint32_t board_second_stack_used(void) {
    return 0;
}
