/* A convolution's output, written straight into the lanes that the next convolution reads. */
#include "kernels.h"

void sqz_fill_lanes(const sqz_context *context, const sqz_tensor *t, uint32_t channel) {
    uint32_t *word = (uint32_t *)plane_of(context, t, channel);
    const uint32_t value = t->pad_value * (t->lanes == 2 ? 0x00010001u : 0x01010101u);
    for (const uint32_t *end = word + t->plane / 4u; word < end; word++) {
        *word = value;
    }
}

void sqz_write_lanes(const sqz_context *context, const sqz_tensor *t, uint32_t channel, uint32_t y,
    uint32_t x, const uint8_t *pixels, uint32_t count) {
    const int32_t words = (int32_t)(t->plane / 4u);
    const uint32_t lane_bytes = 4u / t->lanes;
    int32_t word = (int32_t)((y + t->pad_top) * t->pitch + x + t->pad_left); /* in the first lane */
    uint8_t *lane = plane_of(context, t, channel);
    for (uint32_t j = 0; j < t->lanes; j++, word -= (int32_t)t->lane_step, lane += lane_bytes) {
        const int32_t first = word < 0 ? -word : 0;
        const int32_t last = words - word < (int32_t)count ? words - word : (int32_t)count;
        uint8_t *to = lane + 4 * (word + first);
        const uint8_t *from = pixels + first;
        for (const uint8_t *end = from + last - first; from < end; to += 4) {
            *to = *from++;
        }
    }
}
