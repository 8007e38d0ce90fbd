/* sqz_run() and sqz_run_op(), called from deep within calls and with interrupts, on a core with register windows. */
#include "print.h"
#include "squeeze_rt.h"

enum { TIMER_INTERRUPT = 1 << 6, DEPTH = 10 };

extern uint32_t interrupts; /* how many there have been: interrupt.S */

sqz_status __real_sqz_run(const sqz_model *model, void *arena, size_t arena_bytes);
sqz_status __wrap_sqz_run(const sqz_model *model, void *arena, size_t arena_bytes);

static void interrupts_on(void) {
    uint32_t at;
    __asm__ volatile("rsr %0, ccount\n\taddi %0, %0, 100\n\twsr %0, ccompare0" : "=&a"(at));
    __asm__ volatile("wsr %0, intenable\n\trsync" : : "a"(TIMER_INTERRUPT));
}

static void interrupts_off(void) {
    __asm__ volatile("wsr %0, intenable\n\trsync" : : "a"(0));
}

static __attribute__((noinline)) sqz_status run_deep(
    const sqz_model *model, void *arena, size_t arena_bytes, volatile uint32_t depth) {
    if (depth == 0) {
        return __real_sqz_run(model, arena, arena_bytes);
    }
    const sqz_status status = run_deep(model, arena, arena_bytes, depth - 1);
    return depth > DEPTH ? SQZ_ERR_CODE : status; /* after the call: it is no jump */
}

sqz_status __wrap_sqz_run(const sqz_model *model, void *arena, size_t arena_bytes) {
    interrupts = 0;
    interrupts_on();
    const sqz_status status = run_deep(model, arena, arena_bytes, DEPTH);
    interrupts_off();
    print(&board_console, "interrupted");
    print_number(&board_console, "times", interrupts);
    print(&board_console, "\n");
    return status;
}
