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

static frame_status check_view(const frame_view *frame) {
    const uint32_t pixel_bytes = frame_pixel_bytes(frame->format);
    if (pixel_bytes == 0)
        return FRAME_ERR_FORMAT;
    if (frame->width == 0 || frame->width > FRAME_MAX_SIDE || frame->height == 0 ||
        frame->height > FRAME_MAX_SIDE || (frame->format == FRAME_YUV422 && frame->width % 2u != 0))
        return FRAME_ERR_SIZE;
    const size_t row = (size_t)frame->width * pixel_bytes;
    if (frame->stride < row)
        return FRAME_ERR_STRIDE;
    /* a product could overflow; the last row needs no padding behind it */
    if (frame->bytes < row || (frame->bytes - row) / frame->stride < frame->height - 1u)
        return FRAME_ERR_BYTES;
    return FRAME_OK;
}

frame_status frame_check(const frame_view *frame, const frame_input *input) {
    if (frame == NULL || input == NULL)
        return FRAME_ERR_NULL;
    const frame_status status = check_view(frame);
    if (status != FRAME_OK)
        return status;
    if (input->side == 0 || input->side > FRAME_MAX_INPUT_SIDE ||
        (input->channels != 1 && input->channels != 3))
        return FRAME_ERR_INPUT;
    return FRAME_OK;
}
