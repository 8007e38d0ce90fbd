#include "requantize.h"

uint8_t requantize_exactly(const requantizer *r, int32_t x) {
    return clamp_output(r, requantize(x, r->multiplier, r->shift) + r->zero_point);
}

#if !defined(__XTENSA__) /* there, requantize_xtensa.S */

static uint8_t requantize_one(const requantizer *r, int32_t x) {
    if ((uint32_t)x < r->exact_above) {
        const uint32_t scaled = ((uint32_t)x >> r->cut) * r->factor + r->rounding;
        if ((scaled & (REQUANTIZE_ONE - 1u)) < REQUANTIZE_ONE - REQUANTIZE_ERROR)
            return clamp_output(r, (int32_t)(scaled / REQUANTIZE_ONE) + r->zero_point);
    } else if (x < r->floor_below) {
        return (uint8_t)r->clamp_min;
    }
    return requantize_exactly(r, x);
}

void requantize_run(const requantizer *r, const int32_t *sums, uint8_t *bytes, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        bytes[i] = requantize_one(r, sums[i]);
}

#endif
