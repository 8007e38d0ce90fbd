/* Step 4 of images.py: a crop of r x c pixels becomes H x W x channels bytes, input->height x input->width. */
#ifndef FRAME_RESIZE_H
#define FRAME_RESIZE_H

#include "frame_crop.h"

/* r >= H and c >= W, by area averaging. `scratch`: W x channels 32-bit sums, then c x channels bytes. */
void frame_shrink(
    const frame_view *frame, const frame_crop *crop, const frame_input *input, uint8_t *out, void *scratch);

/* r <= H and c <= W, bilinear. `scratch`: c x channels 16-bit sums, then twice c x channels bytes; no more than
   frame_shrink. */
void frame_enlarge(
    const frame_view *frame, const frame_crop *crop, const frame_input *input, uint8_t *out, void *scratch);

#endif
