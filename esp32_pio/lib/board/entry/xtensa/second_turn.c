/* What each core does while it waits for the other. */
#include "../../two_cores/second_core.h"
#include "../panic.h"

/* The second core crashed: whoever waits for it is the first. */
void second_core_turn(void) {
    if (__atomic_load_n(&panic_frames[1].full, __ATOMIC_ACQUIRE) != 0) {
        panic_of(1);
    }
}

void second_core_idle(void) {}
