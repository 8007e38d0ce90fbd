#include <string.h>

#include "kernels.h"

void sqz_fill_plane(const sqz_context *context, const sqz_tensor *t, uint32_t channel) {
    memset(context->arena + t->arena_offset + channel * plane_bytes(t), t->pad_value, plane_bytes(t));
}

void sqz_picture(const sqz_context *context, const sqz_op *op) {
    const sqz_tensor *out = &context->tensors[op->output];
    const uint32_t pitch = plane_pitch(out);
    for (uint32_t c = 0; c < out->channels; c++) {
        const uint8_t *from = context->arena + context->header->arena_picture + c;
        uint8_t *row =
            context->arena + out->arena_offset + c * plane_bytes(out) + out->pad_top * pitch + out->pad_left;
        sqz_fill_plane(context, out, c);
        for (uint32_t y = 0; y < out->height; y++, row += pitch)
            for (uint32_t x = 0; x < out->width; x++, from += out->channels)
                row[x] = *from;
    }
}
