/* Average pooling over planes of bytes. */
#include "kernels.h"
#include "lx6.h"
#include "pool_window.h"
#include "sqz_once.h"

/* sum / count, halves away from zero, as TFLite divides int8 values, and uint8 ones, whose zero is this one's -128. */
static int32_t rounded_quotient(int32_t sum, int32_t count) {
    return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

SQZ_ONCE void sqz_average_pool(const sqz_context *context, const sqz_op *op) {
    const sqz_tensor *in = &context->tensors[op->input], *out = &context->tensors[op->output];
    const int32_t zero = op->kind == SQZ_OP_AVERAGE_POOL_UP ? 0 : 128;
    for (uint32_t c = 0; c < in->channels; c++) {
        const uint8_t *plane = plane_of(context, in, c);
        uint8_t *to = plane_of(context, out, op->output_channel + c);
        for (uint32_t y = 0; y < out->height; y++) {
            for (uint32_t x = 0; x < out->width; x++) {
                uint32_t top, left;
                const uint32_t rows = window_inside(y, op->stride, op->pad_top, op->kernel, in->height, &top);
                const uint32_t columns =
                    window_inside(x, op->stride, op->pad_left, op->kernel_x, in->width, &left);
                const int32_t count = (int32_t)(rows * columns);
                int32_t sum = -zero * count;
                for (uint32_t i = 0; i < rows; i++) {
                    for (uint32_t j = 0; j < columns; j++) {
                        sum += plane[(top + i) * in->width + left + j];
                    }
                }
                const int32_t mean = rounded_quotient(sum, count) + zero;
                *to++ = (uint8_t)lx6_min(lx6_max(mean, op->clamp_min), op->clamp_max);
            }
        }
    }
}
