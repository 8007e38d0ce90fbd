/* Step 5 of images.py: the network input, standardised. */
#ifndef FRAME_STANDARDISE_H
#define FRAME_STANDARDISE_H

#include <stdint.h>

/* In place; at most FRAME_MAX_SAMPLES. */
void frame_standardise(uint8_t *samples, uint32_t count);

#endif
