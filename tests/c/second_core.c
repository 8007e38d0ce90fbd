/* Two threads share works by esp32_pio/lib/board/two_cores: between meetings each writes what the other reads after.
   Usage: second_core WORKS MEETINGS. Ends with 0 when each read what was written, and with what went wrong else. Under
   ThreadSanitizer: the words that they hand over are plain ones, which nothing but the meetings keeps in order. */
#include <stdio.h>
#include <stdlib.h>

#include "host_board.h"
#include "two_cores/second_core.h"

enum { WORDS = 4 };

host_desk desk = {.second = {.there = true, .starts = true, .looks_left = -1}};
static uint32_t meetings, written[2][WORDS], wrong[2];

void crash_record_write(const board_crash *crash);
void crash_record_write(const board_crash *crash) {
    (void)crash;
}

static void work(uint32_t core, uint32_t first) {
    for (uint32_t i = first; i < first + meetings; i++) {
        for (uint32_t k = 0; k < WORDS; k++) {
            written[core][k] = i * WORDS + k;
        }
        wrong[core] += !board_meet(core);
        for (uint32_t k = 0; k < WORDS; k++) {
            wrong[core] += written[1 - core][k] != i * WORDS + k;
        }
        wrong[core] += !board_meet(core);
    }
}

static void second_work(void *first) {
    work(1, *(const uint32_t *)first);
}

int main(int count, char **arguments) {
    static board_report report;
    if (count != 3) {
        return 2;
    }
    const uint32_t works = (uint32_t)strtoul(arguments[1], NULL, 10);
    meetings = (uint32_t)strtoul(arguments[2], NULL, 10);
    board_look_for_cores(&report, NULL);
    board_start_second_core();
    if (report.cores != 2) {
        return 3;
    }
    for (uint32_t i = 0; i < works; i++) {
        uint32_t first = 7 * i;
        board_share(second_work, &first);
        work(0, first);
        wrong[0] += !board_share_end();
    }
    printf("%u %u\n", wrong[0], wrong[1]);
    return wrong[0] + wrong[1] != 0;
}
