/* Step 2 of images.py, and what a pixel of each format is (frame.h): a row of the crop as grey or RGB. */
#ifndef FRAME_PIXELS_H
#define FRAME_PIXELS_H

#include "frame_crop.h"

/*
 * Row y of the crop as width x channels bytes: the frame's own bytes where they are that already, else converted
 * into `buffer`, which has room for them.
 */
const uint8_t *frame_row(
    const frame_view *frame, const frame_crop *crop, uint32_t y, uint32_t channels, uint8_t *buffer);

#endif
