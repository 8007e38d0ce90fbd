/* Two cores at one work: handed over, met about, given up. Every word here that both look at is written by one of them
   alone, so nothing has to be locked; a release before it is written and an acquire after it is read keep what it tells
   about in order. On Xtensa both are a MEMW, which internal RAM needs: it is not cached, but a core's write buffer may
   hold a store back, and a later load pass it. */
#include "second_core.h"

#include <stddef.h>

#include "../portable/crash_record.h"
#include "../portable/vector_numbers.h"

static board_report *report;
static const char *never; /* why no second core can be started; NULL: it can */

static struct {
    uint32_t invited, joined; /* the first core expects the second; that is there */
    uint32_t asked, done;     /* works given to the second core, and done by it */
    uint32_t come[2];         /* how often each core has come to a meeting */
    uint32_t given_up[2];     /* this core has waited for the other in vain */
    void (*work)(void *context);
    void *context;
} shared;

static uint32_t look(const uint32_t *word) {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void tell(uint32_t *word, uint32_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

void board_look_for_cores(board_report *board, const char *none) {
    report = board;
    never = none;
    if (board->crash.vector == VECTOR_SILENT) { /* no crash: this run can do without that core */
        board->crashed = false;
        never = never != NULL ? never : "the second did not answer in an earlier run";
    }
    if (board->crashed && never == NULL) {
        never = "not started after a crash";
    }
    board->cores = 1;
    board->one_core = never != NULL ? never : "the image's model is for one";
}

void board_start_second_core(void) {
    if (never != NULL) {
        return;
    }
    if (second_core_start()) {
        report->cores = 2;
        report->one_core = NULL;
        second_core_park();
    } else {
        report->one_core = "the second did not start";
    }
}

void board_lose_second_core(void) {
    board_hold_second_core();
    report->cores = 1;
    report->one_core = "the second does not answer";
    crash_record_write(&(board_crash){.vector = VECTOR_SILENT, .core = second_core_number});
}

uint32_t board_second_stack_used(void) {
    return second_core_stack_used();
}

bool second_core_joins(uint32_t patience) {
    const uint32_t start = second_core_clock();
    tell(&shared.invited, 1);
    while (look(&shared.joined) == 0) {
        if (second_core_clock() - start > patience) {
            return false;
        }
    }
    return true;
}

_Noreturn void second_core_serve(void) {
    while (look(&shared.invited) == 0) { /* a start that was not meant */
    }
    tell(&shared.joined, 1);
    for (uint32_t seen = 0;;) {
        while (look(&shared.asked) == seen) {
            second_core_idle();
        }
        seen++;
        shared.work(shared.context);
        tell(&shared.done, seen);
    }
}

void board_share(void (*work)(void *context), void *context) {
    shared.work = work;
    shared.context = context;
    tell(&shared.asked, shared.asked + 1);
    second_core_unpark();
}

static bool somebody_gave_up(void) {
    return look(&shared.given_up[0]) != 0 || look(&shared.given_up[1]) != 0;
}

/* Core `core` waits until the other has counted up to `count`. Once a core has gone on alone nobody may take its count
   for its coming, and so both fail from then on. */
static bool reaches(uint32_t core, const uint32_t *word, uint32_t count) {
    const uint32_t start = second_core_clock();
    second_core_turn();
    while ((int32_t)(look(word) - count) < 0) {
        if (somebody_gave_up()) {
            return false;
        }
        if (second_core_clock() - start > second_core_patience) {
            tell(&shared.given_up[core], 1);
            return false;
        }
        second_core_turn();
    }
    return !somebody_gave_up();
}

bool board_meet(uint32_t core) {
    const uint32_t times = shared.come[core] + 1;
    tell(&shared.come[core], times);
    return reaches(core, &shared.come[1 - core], times);
}

bool board_share_end(void) {
    if (!reaches(0, &shared.done, shared.asked)) {
        return false;
    }
    second_core_park();
    return true;
}
