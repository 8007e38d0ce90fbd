#include "fixed_point.h"
#include "kernels.h"

void sqz_mean(const sqz_context *context, const sqz_op *op) {
    const sqz_tensor *in = &context->tensors[op->input];
    const sqz_tensor *out = &context->tensors[op->output];
    uint8_t *values = context->arena + out->arena_offset;
    for (uint32_t c = 0; c < in->channels; c++) {
        const uint8_t *row = context->arena + in->arena_offset + c * plane_bytes(in) +
                             in->pad_top * plane_pitch(in) + in->pad_left;
        uint32_t sum = (uint32_t)op->bias;
        for (uint32_t y = 0; y < in->height; y++, row += plane_pitch(in))
            for (uint32_t x = 0; x < in->width; x++)
                sum += row[x];
        const int32_t value = requantize((int32_t)sum, op->multiplier, op->shift) + op->zero_point;
        values[c] = (uint8_t)(value < op->clamp_min   ? op->clamp_min
                              : value > op->clamp_max ? op->clamp_max
                                                      : value);
    }
}
