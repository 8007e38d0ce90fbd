/* Step 3 of images.py: the largest part of the input's proportions, in the middle or next to it on the upper left. */
#ifndef FRAME_CROP_H
#define FRAME_CROP_H

#include "frame.h"

/* Of the upright picture. */
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
    const bool turned = (frame->orientation & FRAME_TURN) != 0;
    const uint32_t rows = turned ? frame->width : frame->height,
                   columns = turned ? frame->height : frame->width;
    const bool all_rows = columns * input->height >= rows * input->width;
    const uint32_t height = all_rows ? rows : frame_share(columns, input->height, input->width);
    const uint32_t width = all_rows ? frame_share(rows, input->width, input->height) : columns;
    return (frame_crop){height, width, (rows - height) / 2u, (columns - width) / 2u};
}

#endif
