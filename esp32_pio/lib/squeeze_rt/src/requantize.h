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

#include "fixed_point.h"
#include "lx6.h"

/* Where clamp_min is above zero_point, which no activation function asks for, all outputs are computed exactly. */
typedef struct {
    int32_t multiplier;
    int32_t shift;
    int32_t zero_point;
    int32_t clamp_min;
    int32_t clamp_max;
    int32_t floor_below;   /* smaller sums give clamp_min */
    int32_t ceiling_above; /* larger sums give clamp_max */
    uint32_t fast_below;   /* the fast way is for 0 <= x < fast_below */
    uint32_t cut;          /* bits cut off x */
    uint32_t factor;       /* multiplier, cut */
    uint32_t rounding;     /* and the zero point */
} requantizer;

#define REQUANTIZE_ONE   (1u << 23)
#define REQUANTIZE_ERROR (1u << 17)

/* value + zero_point, clamped; the sum itself might not fit 32 bits. */
static inline uint8_t clamped_byte(int32_t value, int32_t zero_point, int32_t clamp_min, int32_t clamp_max) {
    return (uint8_t)(lx6_min(lx6_max(value, clamp_min - zero_point), clamp_max - zero_point) + zero_point);
}

/* requantize() once more, for where a copy in each place would cost more than a call. */
int32_t sqz_requantize(int32_t x, int32_t multiplier, int32_t shift);

/* A term of TFLite's ADD: it gets 20 bits of headroom before it is brought to the scale that both terms share. */
static inline int32_t addition_term(int32_t value, int32_t multiplier, int32_t shift) {
    return sqz_requantize((int32_t)((uint32_t)value << 20), multiplier, shift);
}

/* multiplier and shift: of a filter; the rest: of its output tensor, + 128. */
void sqz_make_requantizer(requantizer *r, int32_t multiplier, int32_t shift, uint8_t zero_point,
    uint8_t clamp_min, uint8_t clamp_max);

/* The same for another filter of the tensor. */
__attribute__((noinline)) void sqz_change_scale(requantizer *r, int32_t multiplier, int32_t shift);

/* One output byte from one sum, the slow way. */
uint8_t sqz_requantize_exactly(const requantizer *r, int32_t x);

/* `rows` rows of `width` output bytes, one behind the other, from rows of as many sums, `pitch` sums apart. They may be
 * written over the sums: byte i comes after sum i is read. */
void sqz_requantize_rows(
    const requantizer *r, const int32_t *sums, uint8_t *bytes, uint32_t width, uint32_t rows, uint32_t pitch);

/* The same for one row. */
static inline void sqz_requantize_run(
    const requantizer *r, const int32_t *sums, uint8_t *bytes, uint32_t count) {
    sqz_requantize_rows(r, sums, bytes, count, 1, count);
}

#endif
