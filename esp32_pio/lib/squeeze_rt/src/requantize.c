/* Sums to bytes: what a filter's outputs have in common, the exact way, and the C twin of requantize_rows_*.S. */
#include "requantize.h"
#include "assembler.h"

void sqz_make_requantizer(requantizer *r, int32_t multiplier, int32_t shift, uint8_t zero_point,
    uint8_t clamp_min, uint8_t clamp_max) {
    r->zero_point = zero_point;
    r->clamp_min = clamp_min;
    r->clamp_max = clamp_max;
    r->floor_below = zero_point <= clamp_min ? 0 : INT32_MIN;
    sqz_change_scale(r, multiplier, shift);
}

void sqz_change_scale(requantizer *r, int32_t multiplier, int32_t shift) {
    const uint32_t s = (uint32_t)-shift;
    r->multiplier = multiplier;
    r->shift = shift;
    r->ceiling_above = INT32_MAX;
    r->fast_below = 0;
    r->cut = 0;
    if (s > 20 || multiplier < 1 << 30 || r->clamp_min > r->zero_point) {
        return;
    }
    r->cut = s > 7 ? s - 7u : 0;
    r->factor = (uint32_t)multiplier >> (s > 7 ? 15 : 8 + s);
    r->rounding = (uint32_t)r->zero_point * REQUANTIZE_ONE + (1u << 22) + (s == 0 ? 0 : 1u << (22 - s));
    /* From here on the output is 256 or more, and below it factor x (x >> cut) + rounding has 32 bits. */
    if (r->zero_point >= 128) {
        r->fast_below = 1u << (s + 8);
    } else {
        r->fast_below = multiplier >= 3 << 29 ? 3u << (s + 7) : 1u << (s + 9);
    }
    r->ceiling_above = (int32_t)r->fast_below - 1;
}

int32_t sqz_requantize(int32_t x, int32_t multiplier, int32_t shift) {
    const uint32_t left = shift > 0 ? (uint32_t)shift : 0u, right = shift > 0 ? 0u : (uint32_t)-shift;
    const int32_t shifted = (int32_t)((uint32_t)x << left);
    return rounding_shift_right(rounding_doubling_high_multiply(shifted, multiplier), right);
}

uint8_t sqz_requantize_exactly(const requantizer *r, int32_t x) {
    return clamped_byte(
        sqz_requantize(x, r->multiplier, r->shift), r->zero_point, r->clamp_min, r->clamp_max);
}

#if !SQZ_ASSEMBLER /* there, requantize_rows_*.S */

static uint8_t requantize_one(const requantizer *r, int32_t x) {
    if (x < r->floor_below) {
        return (uint8_t)r->clamp_min;
    }
    if (x > r->ceiling_above) {
        return (uint8_t)r->clamp_max;
    }
    if ((uint32_t)x < r->fast_below) {
        const uint32_t scaled = ((uint32_t)x >> r->cut) * r->factor + r->rounding;
        if ((scaled & (REQUANTIZE_ONE - 1u)) < REQUANTIZE_ONE - REQUANTIZE_ERROR) {
            return (uint8_t)lx6_min((int32_t)(scaled / REQUANTIZE_ONE), r->clamp_max);
        }
    }
    return sqz_requantize_exactly(r, x);
}

void sqz_requantize_rows(const requantizer *r, const int32_t *sums, uint8_t *bytes, uint32_t width,
    uint32_t rows, uint32_t pitch) {
    for (uint32_t y = 0; y < rows; y++, sums += pitch) {
        for (uint32_t x = 0; x < width; x++) {
            *bytes++ = requantize_one(r, sums[x]);
        }
    }
}

#endif
