/* The end of a run that crashed. */
#ifndef PANIC_H
#define PANIC_H

#include <stdint.h>

#include "panic_frame.h"

extern struct panic_frame panic_frames[PANIC_CORES]; /* by core; filled by the vectors */

/* Says what is in the frame of a core and starts the chip again, or halts it. By the first core. */
_Noreturn void panic_of(uint32_t core);
void panic(void); /* panic_of(0), which the vectors call */

#endif
