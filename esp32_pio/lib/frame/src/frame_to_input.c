/* The whole way from a frame to a network input, step by step. */
#include <string.h>

#include "frame_check.h"
#include "frame_pixels.h"
#include "frame_resize.h"
#include "frame_standardise.h"

static size_t scratch_need(const frame_crop *crop, const frame_input *input) {
    return input->channels * (4u * (size_t)input->width + crop->width);
}

size_t frame_scratch_bytes(const frame_view *frame, const frame_input *input) {
    if (frame_check(frame, input) != FRAME_OK) {
        return 0;
    }
    const frame_crop crop = frame_centre_crop(frame, input);
    return scratch_need(&crop, input);
}

static void copy_rows(const frame_view *frame, const frame_crop *crop, const frame_input *input, uint8_t *out,
    uint8_t *buffer) {
    const uint32_t row_bytes = input->width * input->channels;
    for (uint32_t y = 0; y < crop->height; y++) {
        memcpy(out + y * row_bytes, frame_row(frame, crop, y, input->channels, buffer), row_bytes);
    }
}

frame_status frame_to_input(const frame_view *frame, const frame_input *input, uint8_t *out, size_t out_bytes,
    void *scratch, size_t scratch_bytes) {
    const frame_status status = frame_check(frame, input);
    if (status != FRAME_OK) {
        return status;
    }
    if (frame->pixels == NULL || out == NULL || scratch == NULL) {
        return FRAME_ERR_NULL;
    }
    const frame_crop crop = frame_centre_crop(frame, input);
    const uint32_t samples = input->height * input->width * input->channels;
    if (out_bytes < samples) {
        return FRAME_ERR_OUTPUT;
    }
    if (scratch_bytes < scratch_need(&crop, input) || (uintptr_t)scratch % FRAME_SCRATCH_ALIGNMENT != 0) {
        return FRAME_ERR_SCRATCH;
    }

    if (crop.height == input->height && crop.width == input->width) {
        copy_rows(frame, &crop, input, out, scratch);
    } else if (crop.height >= input->height && crop.width >= input->width) {
        frame_shrink(frame, &crop, input, out, scratch);
    } else {
        frame_enlarge(frame, &crop, input, out, scratch);
    }
    if (input->standardise) {
        frame_standardise(out, samples);
    }
    return FRAME_OK;
}

const char *frame_status_text(frame_status status) {
    switch (status) {
    case FRAME_OK:
        return "ok";
    case FRAME_ERR_NULL:
        return "null pointer";
    case FRAME_ERR_FORMAT:
        return "unknown pixel format";
    case FRAME_ERR_SIZE:
        return "impossible size";
    case FRAME_ERR_STRIDE:
        return "stride shorter than a row";
    case FRAME_ERR_BYTES:
        return "frame cut short";
    case FRAME_ERR_INPUT:
        return "no grey or colour input of at most 786432 bytes";
    case FRAME_ERR_OUTPUT:
        return "output too small";
    case FRAME_ERR_SCRATCH:
        return "scratch memory too small or misaligned";
    }
    return "unknown status";
}
