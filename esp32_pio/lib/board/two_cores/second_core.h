/* How a second core takes its share of the work. second_core.c is the same wherever there is one, tests run it as two
   threads; what differs stands below: each target that has a second core brings it along (second_start.c). Targets with
   one core have entry/one_core.c in the place of both. */
#ifndef SECOND_CORE_H
#define SECOND_CORE_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"

/* In board_init(), once `crash` and `crashed` are known: fills `cores` and `one_core`, and keeps the report to change
   them later. none: why there can be no second core; NULL: there is one. */
void board_look_for_cores(board_report *report, const char *none);

/* All that the second core does: says that it is there, then one work after the other. */
_Noreturn void second_core_serve(void);
/* Let it say so, and wait for that. False: it does not within `patience`, of second_core_clock(). */
bool second_core_joins(uint32_t patience);

/* Stop the second core for good, whatever it does; nothing when it does not run. */
void board_hold_second_core(void);

/* --- second_start.c --- */
/* Start it with second_core_serve(). False: it did not start, and is held. */
bool second_core_start(void);
/* A free-running counter of the core that asks, and the count for which it waits for the other: longer than either can
   be busy between two meetings. */
uint32_t second_core_clock(void);
extern const uint32_t second_core_patience;
/* Once at least in each wait for the other core, and in each turn of it. Looks whether that has crashed, where this can
   be known. */
void second_core_turn(void);
/* The second core has nothing to do: in each turn of its wait for work. */
void second_core_idle(void);
/* By the first core: the second may idle without running, and runs again. */
void second_core_park(void);
void second_core_unpark(void);
uint32_t second_core_stack_used(void); /* the deepest that its stack has been, bytes */
/* Its number, for the record of its crash. */
extern const uint32_t second_core_number;

#endif
