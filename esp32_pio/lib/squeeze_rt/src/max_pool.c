/* Max pooling over planes of bytes, where it is not part of a convolution. */
#include "kernels.h"
#include "lx6.h"
#include "pool_window.h"
#include "sqz_once.h"

SQZ_ONCE void sqz_max_pool(const sqz_context *context, const sqz_op *op) {
    const sqz_tensor *in = &context->tensors[op->input], *out = &context->tensors[op->output];
    for (uint32_t c = 0; c < in->channels; c++) {
        const uint8_t *plane = plane_of(context, in, c);
        uint8_t *to = plane_of(context, out, op->output_channel + c);
        for (uint32_t y = 0; y < out->height; y++) {
            for (uint32_t x = 0; x < out->width; x++) {
                uint32_t top, left;
                const uint32_t rows = window_inside(y, op->stride, op->pad_top, op->kernel, in->height, &top);
                const uint32_t columns =
                    window_inside(x, op->stride, op->pad_left, op->kernel_x, in->width, &left);
                int32_t maximum = op->clamp_min;
                for (uint32_t i = 0; i < rows; i++) {
                    for (uint32_t j = 0; j < columns; j++) {
                        maximum = lx6_max(maximum, plane[(top + i) * in->width + left + j]);
                    }
                }
                *to++ = (uint8_t)lx6_min(maximum, op->clamp_max);
            }
        }
    }
}
