/* The sum of two tensors, as TensorFlow Lite's reference kernel for int8 makes it. */
#include "kernels.h"
#include "requantize.h"

static int32_t scaled(int32_t value, const sqz_records *records, uint32_t index) {
    return addition_term(value, records->multiplier[index], records->shift[index]);
}

void sqz_add(const sqz_context *context, const sqz_op *op) {
    const sqz_tensor *first = &context->tensors[op->input], *second = &context->tensors[op->second];
    const sqz_tensor *out = &context->tensors[op->output];
    const sqz_records records = op_records(context, op);
    const uint32_t pixels = (uint32_t)first->height * first->width;
    for (uint32_t c = 0; c < first->channels; c++) {
        const uint8_t *a = plane_of(context, first, c), *b = plane_of(context, second, c);
        uint8_t *to = plane_of(context, out, op->output_channel + c);
        for (uint32_t i = 0; i < pixels; i++) {
            const uint32_t sum = (uint32_t)scaled(a[i] - first->pad_value, &records, 0) +
                                 (uint32_t)scaled(b[i] - second->pad_value, &records, 1);
            const int32_t value = sqz_requantize((int32_t)sum, records.multiplier[2], records.shift[2]);
            to[i] = clamped_byte(value, op->zero_point, op->clamp_min, op->clamp_max);
        }
    }
}
