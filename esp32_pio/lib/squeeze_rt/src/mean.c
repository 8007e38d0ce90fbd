/* The mean over each plane, as TensorFlow Lite's reference kernel for int8 makes it. */
#include "kernels.h"
#include "requantize.h"

void sqz_mean(const sqz_context *context, const sqz_op *op) {
    const sqz_tensor *in = &context->tensors[op->input], *out = &context->tensors[op->output];
    const sqz_records records = op_records(context, op);
    requantizer r;
    sqz_make_requantizer(
        &r, *records.multiplier, *records.shift, op->zero_point, op->clamp_min, op->clamp_max);
    for (uint32_t c = 0; c < in->channels; c++) {
        const uint8_t *pixel = plane_of(context, in, c);
        uint32_t sum = (uint32_t)*records.bias;
        for (const uint8_t *end = pixel + (uint32_t)in->height * in->width; pixel < end; pixel++) {
            sum += *pixel;
        }
        *plane_of(context, out, op->output_channel + c) = sqz_requantize_exactly(&r, (int32_t)sum);
    }
}
