/* Where the inputs of a filter lie, and how large they are. */
#include "filter_inputs.h"

#include "lx6.h"

/* The largest value in `words` words of planes. The larger of two words has the larger upper half, whatever is in the
 * lower ones. */
static uint32_t words_maximum(const sqz_tensor *in, const uint32_t *plane, uint32_t words) {
    const int32_t *word = (const int32_t *)plane, *const end = word + words;
    int32_t low = 0, high = 0;
    for (; in->lanes == 2 && word < end; word++) {
        low = lx6_max(low, *word & 0xFFFF);
        high = lx6_max(high, *word);
    }
    for (; word < end; word++) {
        const int32_t even = *word & 0x00FF00FF, odd = (*word >> 8) & 0x00FF00FF;
        low = lx6_max(low, lx6_max(even & 0xFFFF, odd & 0xFFFF));
        high = lx6_max(high, lx6_max(even, odd));
    }
    return (uint32_t)lx6_max(low, high >> 16);
}

/* That in a plane of bytes. */
static uint32_t plane_maximum(const sqz_tensor *in, const uint32_t *plane) {
    const uint32_t bytes = (uint32_t)in->height * in->width;
    uint32_t maximum = words_maximum(in, plane, bytes / 4u);
    const uint8_t *const end = (const uint8_t *)plane + bytes;
    for (const uint8_t *rest = end - bytes % 4u; rest < end; rest++) {
        maximum = *rest > maximum ? *rest : maximum;
    }
    return maximum;
}

/* The largest value in the `count` planes from `plane` on. */
__attribute__((noinline)) static uint32_t planes_maximum(
    const sqz_tensor *in, const uint32_t *plane, uint32_t count) {
    if (in->lanes != 1) { /* there is nothing between them */
        return words_maximum(in, plane, count * (in->plane / 4u));
    }
    uint32_t maximum = 0;
    for (; count > 0; count--, plane += in->plane / 4u) {
        const uint32_t of_plane = plane_maximum(in, plane);
        maximum = of_plane > maximum ? of_plane : maximum;
    }
    return maximum;
}

void sqz_make_inputs(const sqz_context *context, const sqz_op *op, const sqz_tensor *in, uint32_t *inputs) {
    const uint32_t plane = in->plane / 4u, s = in->phases, channels = in->channels, kernel = op->kernel;
    const uint32_t *words = (const uint32_t *)(context->arena + in->arena_offset);
    uint32_t largest = 255u << 16;
    if (op->measure == SQZ_MEASURE_INPUTS) {
        for (uint32_t c = 0; c < channels; c++) {
            inputs[c] = planes_maximum(in, words + c * s * s * plane, s * s) << 16;
        }
    } else {
        if (op->measure == SQZ_MEASURE_LARGEST) {
            largest = planes_maximum(in, words, planes(in)) << 16;
        }
        for (uint32_t c = 0; c < channels; c++) {
            inputs[c] = largest;
        }
    }
    for (uint32_t i = kernel * kernel; i-- > 0;) { /* the first ones last: they hold the largest values */
        const uint32_t y = i / kernel, x = i % kernel;
        uint32_t offset = (y % s * s + x % s) * plane + y / s * in->pitch + x / s;
        for (uint32_t c = 0; c < channels; c++, offset += s * s * plane) {
            inputs[i * channels + c] = inputs[c] | offset;
        }
    }
}
