/* The checks of frame_to_input(): what is asked for is possible, and the frame is as long as it says. */
#include "frame_check.h"

uint32_t frame_pixel_bytes(frame_format format) {
    switch (format) {
    case FRAME_GREY:
        return 1;
    case FRAME_YUV422:
    case FRAME_RGB565:
        return 2;
    case FRAME_RGB888:
    case FRAME_BGR888:
        return 3;
    }
    return 0;
}

frame_status frame_check_view(const frame_view *frame) {
    const uint32_t pixel_bytes = frame_pixel_bytes(frame->format);
    if (pixel_bytes == 0 || frame->orientation >= FRAME_ORIENTATIONS) {
        return FRAME_ERR_FORMAT;
    }
    if (frame->width == 0 || frame->width > FRAME_MAX_SIDE || frame->height == 0 ||
        frame->height > FRAME_MAX_SIDE || (frame->format == FRAME_YUV422 && frame->width % 2u != 0)) {
        return FRAME_ERR_SIZE;
    }
    const size_t row = (size_t)frame->width * pixel_bytes;
    if (frame->stride < row) {
        return FRAME_ERR_STRIDE;
    }
    /* a product could overflow; the last row needs no padding behind it */
    if (frame->bytes < row || (frame->bytes - row) / frame->stride < frame->height - 1u) {
        return FRAME_ERR_BYTES;
    }
    return FRAME_OK;
}

static bool input_ok(const frame_input *input) {
    return input->height != 0 && input->height <= FRAME_MAX_SIDE && input->width != 0 &&
           input->width <= FRAME_MAX_SIDE && (input->channels == 1 || input->channels == 3) &&
           input->height * input->width * input->channels <= FRAME_MAX_SAMPLES;
}

frame_status frame_check(const frame_view *frame, const frame_input *input) {
    if (frame == NULL || input == NULL) {
        return FRAME_ERR_NULL;
    }
    const frame_status status = frame_check_view(frame);
    if (status != FRAME_OK) {
        return status;
    }
    return input_ok(input) ? FRAME_OK : FRAME_ERR_INPUT;
}
