/*
 * The fixed-point arithmetic of TensorFlow Lite's reference kernels (gemmlowp), without 64-bit multiplies or divides.
 */
#ifndef FIXED_POINT_H
#define FIXED_POINT_H

#include <stdint.h>

/* High 32 bits of the signed 64-bit product a x b; the low ones go to *low. Built from 16-bit halves: call0 code on
 * Xtensa has no high multiply that every core and emulator shares. */
static inline int32_t multiply_high(int32_t a, int32_t b, uint32_t *low) {
    const uint32_t ua = (uint32_t)a, ub = (uint32_t)b;
    const uint32_t a0 = ua & 0xFFFFu, a1 = ua >> 16, b0 = ub & 0xFFFFu, b1 = ub >> 16;
    const uint32_t p00 = a0 * b0, p01 = a0 * b1, p10 = a1 * b0;
    /* At most 2^16 - 1 + 2^16 - 1 + (2^16 - 1)^2: fits. */
    const uint32_t middle = (p00 >> 16) + (p01 & 0xFFFFu) + p10;
    uint32_t high = a1 * b1 + (p01 >> 16) + (middle >> 16);
    if (a < 0) {
        high -= ub;
    }
    if (b < 0) {
        high -= ua;
    }
    *low = ua * ub;
    return (int32_t)high;
}

/* gemmlowp's SaturatingRoundingDoublingHighMul: a x b / 2^31, halves rounded up. */
static inline int32_t rounding_doubling_high_multiply(int32_t a, int32_t b) {
    if (a == INT32_MIN && b == INT32_MIN) {
        return INT32_MAX;
    }
    uint32_t low;
    const uint32_t high = (uint32_t)multiply_high(a, b, &low);
    const uint32_t rounded = low + (1u << 30);
    const uint32_t carry = rounded < low;
    return (int32_t)(((high + carry) << 1) | (rounded >> 31));
}

/* gemmlowp's RoundingDivideByPOT: x / 2^exponent, halves away from zero; exponent 0..31. */
static inline int32_t rounding_shift_right(int32_t x, uint32_t exponent) {
    const uint32_t mask = (1u << exponent) - 1u;
    const uint32_t remainder = (uint32_t)x & mask;
    const uint32_t threshold = (mask >> 1) + (x < 0 ? 1u : 0u);
    return (x >> exponent) + (remainder > threshold ? 1 : 0);
}

/* TFLite's MultiplyByQuantizedMultiplier: x x multiplier x 2^(shift - 31), rounded twice; shift -31..30. */
static inline int32_t requantize(int32_t x, int32_t multiplier, int32_t shift) {
    if (shift > 0) {
        return rounding_doubling_high_multiply((int32_t)((uint32_t)x << shift), multiplier);
    }
    return rounding_shift_right(rounding_doubling_high_multiply(x, multiplier), (uint32_t)-shift);
}

#endif
