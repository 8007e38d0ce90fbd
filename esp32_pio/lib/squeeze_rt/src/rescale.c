/* The picture or planes of bytes, brought to another scale and zero point or copied, with padding around. */
#include <string.h>

#include "kernels.h"
#include "requantize.h"
#include "sqz_once.h"

SQZ_ONCE void sqz_rescale(const sqz_context *context, const sqz_op *op) {
    const bool picture = op->input == SQZ_PICTURE;
    const sqz_tensor *out = &context->tensors[op->output];
    const sqz_header *header = context->header;
    const sqz_tensor *in = picture ? NULL : &context->tensors[op->input];
    const uint32_t channels = picture ? header->channels : in->channels, step = picture ? channels : 1u;
    const uint32_t height = picture ? header->height : in->height,
                   width = picture ? header->width : in->width;
    const sqz_records records = op_records(context, op);
    requantizer r;
    if (op->filters != 0) {
        sqz_make_requantizer(
            &r, *records.multiplier, *records.shift, op->zero_point, op->clamp_min, op->clamp_max);
    }

    for (uint32_t c = 0; c < channels; c++) {
        const uint8_t *from = picture ? context->arena + header->arena_picture + c : plane_of(context, in, c);
        uint8_t *plane = plane_of(context, out, op->output_channel + c);
        if (out->height != height || out->width != width) {
            memset(plane, op->zero_point, (uint32_t)out->height * out->width);
        }
        for (uint32_t y = 0; y < height; y++) {
            uint8_t *to = plane + (y + op->pad_top) * out->width + op->pad_left;
            for (uint32_t x = 0; x < width; x++, from += step) {
                const uint32_t value = *from + (op->filters != 0 ? (uint32_t)*records.bias : 0u);
                to[x] = op->filters != 0 ? sqz_requantize_exactly(&r, (int32_t)value) : *from;
            }
        }
    }
}
