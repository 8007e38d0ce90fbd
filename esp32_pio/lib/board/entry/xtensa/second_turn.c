/* What each core does while it waits for the other, and how deep the second one's stack has been. */
#include "../../two_cores/second_core.h"
#include "../panic.h"
#include "../stack.h"

extern const uint32_t second_stack_bottom[], second_stack_top[]; /* second_entry.S */

/* The second core crashed: whoever waits for it is the first. */
void second_core_turn(void) {
    if (__atomic_load_n(&panic_frames[1].full, __ATOMIC_ACQUIRE) != 0) {
        panic_of(1);
    }
}

void second_core_idle(void) {}

uint32_t second_core_stack_used(void) {
    return stack_used(second_stack_bottom, second_stack_top);
}
