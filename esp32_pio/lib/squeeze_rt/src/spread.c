/* The picture or planes of bytes, spread over lanes and phases as a convolution reads them. */
#include "kernels.h"
#include "sqz_once.h"

/* Positions of a phase are stored word by word: what is there comes from the source, or is padding. */
static void spread_plane(const sqz_tensor *t, uint8_t *plane, const uint8_t *source, uint32_t step,
    uint32_t row_step, uint32_t phase_y, uint32_t phase_x) {
    const uint32_t words = t->plane / 4u, lane_bytes = 4u / t->lanes;
    for (uint32_t lane = 0; lane < t->lanes; lane++) {
        const uint32_t first = lane * t->lane_step;
        uint32_t row = first / t->pitch, column = first % t->pitch;
        uint8_t *to = plane + lane * lane_bytes;
        const uint8_t *const end = to + 4u * words;
        for (; to < end; column = 0, row++) {
            const uint32_t y = row * t->phases + phase_y - t->pad_top; /* wraps around above the first row */
            const bool inside = y < t->height;
            const uint32_t width = inside ? t->width : 0;
            const uint8_t *const from = inside ? source + y * row_step : source;
            uint32_t x = column * t->phases + phase_x - t->pad_left;
            for (; column < t->pitch && to < end; column++, x += t->phases, to += 4) {
                to[0] = x < width ? from[x * step] : t->pad_value;
                if (lane_bytes == 2) {
                    to[1] = 0;
                }
            }
        }
    }
}

SQZ_ONCE void sqz_spread(const sqz_context *context, const sqz_op *op) {
    const sqz_tensor *out = &context->tensors[op->output];
    const bool picture = op->input == SQZ_PICTURE;
    const uint32_t step = picture ? out->channels : 1u;
    for (uint32_t c = 0; c < out->channels; c++) {
        const uint8_t *source = picture ? context->arena + context->header->arena_picture + c
                                        : plane_of(context, &context->tensors[op->input], c);
        for (uint32_t phase = 0; phase < (uint32_t)out->phases * out->phases; phase++) {
            spread_plane(out, plane_of(context, out, c * out->phases * out->phases + phase), source, step,
                step * out->width, phase / out->phases, phase % out->phases);
        }
    }
}
