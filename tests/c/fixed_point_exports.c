/* The inline functions of fixed_point.h with external names, for test_fixed_point.py. */
#include "fixed_point.h"

int32_t test_multiply(int32_t a, int32_t b);
int32_t test_shift(int32_t x, uint32_t exponent);
int32_t test_requantize(int32_t x, int32_t multiplier, int32_t shift);

int32_t test_multiply(int32_t a, int32_t b) {
    return rounding_doubling_high_multiply(a, b);
}

int32_t test_shift(int32_t x, uint32_t exponent) {
    return rounding_shift_right(x, exponent);
}

int32_t test_requantize(int32_t x, int32_t multiplier, int32_t shift) {
    return requantize(x, multiplier, shift);
}
