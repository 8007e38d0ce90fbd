/* Step 3 of images.py: the largest part of the input's proportions, in the middle or next to it on the upper left. */
#ifndef FRAME_CROP_H
#define FRAME_CROP_H

#include "frame.h"

typedef struct {
    uint32_t height;
    uint32_t width;
    uint32_t top;
    uint32_t left;
} frame_crop;

/* The share part / whole of `size` pixels, at least one. */
static inline uint32_t frame_share(uint32_t size, uint32_t part, uint32_t whole) {
    const uint32_t share = size * part / whole; /* at most 4096^2: fits */
    return share > 0 ? share : 1u;
}

static inline frame_crop frame_centre_crop(const frame_view *frame, const frame_input *input) {
    const bool all_rows = frame->width * input->height >= frame->height * input->width;
    const uint32_t height = all_rows ? frame->height : frame_share(frame->width, input->height, input->width);
    const uint32_t width = all_rows ? frame_share(frame->height, input->width, input->height) : frame->width;
    return (frame_crop){height, width, (frame->height - height) / 2u, (frame->width - width) / 2u};
}

#endif
