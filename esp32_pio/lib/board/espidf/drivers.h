/* The parts of a camera board, on ESP-IDF. All of them belong to one task, the one that calls board_init(). */
#ifndef DRIVERS_H
#define DRIVERS_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"

/* Serial port 0, 8N1, which the log of ESP-IDF shares. */
bool serial_start(uint32_t baud);
bool serial_drain(void); /* until everything written is on the line; false when that takes too long */
/* From here on only this firmware writes: not the log, and not what drivers print in their interrupts. */
void serial_silence_log(void);

/* What chip and flash are. */
const board_chip *chip_look(void);
const board_flash *chip_flash(void);
bool chip_has_one_core(void);

const char *reset_cause(void);
bool reset_by_power(void); /* the EN button, too */
bool reset_by_crash(void);

void button_start(void);
void light_start(void);
void output_start(void); /* the pin that acts, as an output that does not yet */

/* Takes about a second. NULL: board_camera_error() says why; else what answers, "ov2640". side: of the image's model,
   pixels; the frames are chosen for it. */
const char *camera_start(uint32_t side, uint32_t channels);

/* Set RAM aside for a model, once what else needs some has it: for board_memory(). Returns "internal" or "psram".
   arena_bytes: that the image's model asks for; a module without PSRAM may not have so many. */
const char *memory_start(uint32_t arena_bytes);

#endif
