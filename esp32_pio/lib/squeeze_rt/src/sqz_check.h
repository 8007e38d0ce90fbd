/* Internal: the proof that a program, run on its arena, stays inside blob and arena. */
#ifndef SQZ_CHECK_H
#define SQZ_CHECK_H

#include <stdbool.h>

#include "sqz_format.h"
#include "sqz_once.h"

/* How many cores can share the program of the blob, whose length is right: 1 or 2; 0 where header, tensors and ops are
 * not such that no kernel leaves its memory. */
SQZ_ONCE uint16_t sqz_checked_cores(const uint8_t *blob);

#endif
