/* Step 3 of images.py: the largest square in the middle, nearer to the upper left where it cannot be even. */
#ifndef FRAME_CROP_H
#define FRAME_CROP_H

#include "frame.h"

typedef struct {
    uint32_t side;
    uint32_t top;
    uint32_t left;
} frame_crop;

static inline frame_crop frame_centre_crop(const frame_view *frame) {
    const uint32_t side = frame->width < frame->height ? frame->width : frame->height;
    return (frame_crop){side, (frame->height - side) / 2u, (frame->width - side) / 2u};
}

#endif
