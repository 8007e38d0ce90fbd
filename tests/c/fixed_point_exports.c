/* The fixed-point arithmetic with external names and plain arguments, for test_fixed_point.py. */
#include "requantize.h"

int32_t test_multiply(int32_t a, int32_t b);
int32_t test_shift(int32_t x, uint32_t exponent);
int32_t test_requantize(int32_t x, int32_t multiplier, int32_t shift);
int32_t test_requantize_called(int32_t x, int32_t multiplier, int32_t shift);
void test_requantize_run(int32_t multiplier, int32_t shift, uint8_t zero_point, uint8_t clamp_min,
    uint8_t clamp_max, const int32_t *sums, uint8_t *bytes, uint32_t count);
void test_requantize_exactly(int32_t multiplier, int32_t shift, uint8_t zero_point, uint8_t clamp_min,
    uint8_t clamp_max, const int32_t *sums, uint8_t *bytes, uint32_t count);

int32_t test_multiply(int32_t a, int32_t b) {
    return rounding_doubling_high_multiply(a, b);
}

int32_t test_shift(int32_t x, uint32_t exponent) {
    return rounding_shift_right(x, exponent);
}

int32_t test_requantize(int32_t x, int32_t multiplier, int32_t shift) {
    return requantize(x, multiplier, shift);
}

int32_t test_requantize_called(int32_t x, int32_t multiplier, int32_t shift) {
    return sqz_requantize(x, multiplier, shift);
}

void test_requantize_run(int32_t multiplier, int32_t shift, uint8_t zero_point, uint8_t clamp_min,
    uint8_t clamp_max, const int32_t *sums, uint8_t *bytes, uint32_t count) {
    requantizer r;
    sqz_make_requantizer(&r, multiplier, shift, zero_point, clamp_min, clamp_max);
    sqz_requantize_run(&r, sums, bytes, count);
}

void test_requantize_exactly(int32_t multiplier, int32_t shift, uint8_t zero_point, uint8_t clamp_min,
    uint8_t clamp_max, const int32_t *sums, uint8_t *bytes, uint32_t count) {
    requantizer r;
    sqz_make_requantizer(&r, multiplier, shift, zero_point, clamp_min, clamp_max);
    for (uint32_t i = 0; i < count; i++) {
        bytes[i] = sqz_requantize_exactly(&r, sums[i]);
    }
}
