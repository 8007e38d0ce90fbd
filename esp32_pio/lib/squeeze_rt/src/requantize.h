/*
 * Internal: 32-bit sums to bytes, TFLite's fixed point bit for bit, most of them by one 32-bit multiplication.
 *
 * For x >= 0 and shift = -s <= 0, requantize() is floor((x m + 2^30 + 2^(30 + s)) / 2^(31 + s)) (no second term for
 * s = 0). Scaled to 23 fraction bits, with m and x cut to 16 bits each, the quotient's numerator is at most
 * 2^17 too small. So unless it lies that closely below a multiple of 2^23 its integer part is right; the few others
 * are computed exactly.
 */
#ifndef REQUANTIZE_H
#define REQUANTIZE_H

#include <stdbool.h>

#include "fixed_point.h"
#include "lx6.h"

typedef struct {
    int32_t multiplier;
    int32_t shift;
    int32_t zero_point;
    int32_t clamp_min;
    int32_t clamp_max;
    int32_t floor_below;  /* smaller sums give clamp_min */
    uint32_t exact_above; /* the fast way is for 0 <= x < exact_above */
    uint32_t cut;         /* bits cut off x */
    uint32_t factor;      /* multiplier, cut */
    uint32_t rounding;
} requantizer;

#define REQUANTIZE_ONE   (1u << 23)
#define REQUANTIZE_ERROR (1u << 17)

static inline uint8_t clamp_output(const requantizer *r, int32_t value) {
    return (uint8_t)lx6_min(lx6_max(value, r->clamp_min), r->clamp_max);
}

static inline requantizer make_requantizer(
    int32_t multiplier, int32_t shift, uint8_t zero_point, uint8_t clamp_min, uint8_t clamp_max) {
    requantizer r = {.multiplier = multiplier,
        .shift = shift,
        .zero_point = zero_point,
        .clamp_min = clamp_min,
        .clamp_max = clamp_max,
        .floor_below = zero_point <= clamp_min ? 0 : INT32_MIN};
    const int32_t s = -shift;
    if (s >= 0 && s <= 20 && multiplier >= 1 << 30) {
        const bool large = multiplier >= 3 << 29;
        r.cut = s > 7 ? (uint32_t)s - 7u : 0;
        r.factor = (uint32_t)multiplier >> (8 + s - (int32_t)r.cut);
        r.rounding = (1u << 22) + (s == 0 ? 0 : 1u << (22 - s));
        /* From here on the output is 256 or more, and below it factor x (x >> cut) is less than 3 x 2^30. */
        r.exact_above = large ? 3u << (s + 7) : 1u << (s + 9);
    }
    return r;
}

/* One output byte from one sum, the slow way. */
uint8_t requantize_exactly(const requantizer *r, int32_t x);

/* `count` output bytes from as many sums. The bytes may lie where the sums do: byte i is written after sum i is read. */
void requantize_run(const requantizer *r, const int32_t *sums, uint8_t *bytes, uint32_t count);

#endif
