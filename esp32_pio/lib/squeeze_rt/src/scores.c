/* The scores of a network that ends without softmax. */
#include "kernels.h"

void sqz_scores(const sqz_context *context, const sqz_op *op) {
    const sqz_tensor *in = &context->tensors[op->input];
    uint8_t *scores = context->arena + context->header->arena_scores;
    for (uint32_t c = 0; c < in->channels; c++) {
        scores[c] = *plane_of(context, in, c) ^ 0x80u;
    }
}
