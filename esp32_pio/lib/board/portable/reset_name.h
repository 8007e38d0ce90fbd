/* Why a core of a classic ESP32 started. */
#ifndef RESET_NAME_H
#define RESET_NAME_H

#include <stdint.h>

enum { RESET_POWER_ON = 1 }; /* the EN button, too */

/* number: soc_reset_reason_t; revision: 100 x major + minor. */
const char *reset_name(uint32_t number, uint32_t revision);

#endif
