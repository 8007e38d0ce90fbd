/* What a run that crashed leaves to the next one, kept by the target where a restart does not reach it and a power
   failure does. */
#ifndef CRASH_RECORD_H
#define CRASH_RECORD_H

#include <stdbool.h>

#include "board.h"

void crash_record_write(const board_crash *crash);
/* False when no run has crashed since the power came, and none found its second core silent: VECTOR_SILENT. */
bool crash_record_read(board_crash *crash);

#endif
