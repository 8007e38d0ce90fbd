/* Step 4 of images.py: a crop of side s becomes n x n x channels bytes, n = input->side. */
#ifndef FRAME_RESIZE_H
#define FRAME_RESIZE_H

#include "frame_crop.h"

/* s >= n, by area averaging. `scratch`: n x channels 32-bit sums, then s x channels bytes. */
void frame_shrink(
    const frame_view *frame, const frame_crop *crop, const frame_input *input, uint8_t *out, void *scratch);

/* s < n, bilinear. `scratch`: s x channels 16-bit sums, then twice s x channels bytes; no more than frame_shrink. */
void frame_enlarge(
    const frame_view *frame, const frame_crop *crop, const frame_input *input, uint8_t *out, void *scratch);

#endif
