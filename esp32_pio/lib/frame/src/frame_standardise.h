/* Step 5 of images.py. */
#ifndef FRAME_STANDARDISE_H
#define FRAME_STANDARDISE_H

#include <stdint.h>

/* In place; at most FRAME_MAX_INPUT_SIDE^2 x 3 samples. */
void frame_standardise(uint8_t *samples, uint32_t count);

#endif
