/* Internal: the proof that a program, run on its arena, stays inside blob and arena. */
#ifndef SQZ_CHECK_H
#define SQZ_CHECK_H

#include <stdbool.h>

#include "sqz_format.h"
#include "sqz_once.h"

/* Whether header, tensors and ops of the blob, whose length is right, are such that no kernel leaves its memory. */
SQZ_ONCE bool sqz_program_stays_inside(const uint8_t *blob);

#endif
