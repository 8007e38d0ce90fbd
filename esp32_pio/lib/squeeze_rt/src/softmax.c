/*
 * Softmax of TensorFlow Lite's reference kernel for int8: exponentials and the reciprocal of their sum in fixed
 * point. Qi.f below: i integer bits, f fraction bits, one sign bit.
 */
#include "fixed_point.h"
#include "kernels.h"
#include "requantize.h"
#include "sqz_once.h"

#define DIFF_INTEGER_BITS 5   /* of a scaled difference to the largest input */
#define SUM_INTEGER_BITS  12  /* of the sum of exponentials */
#define SCORE_ZERO_POINT  128 /* scores are probability x 256 - 128 */

/* a x b / 2^31. Not inlined: there are few values to compute, and a copy in each place would take 1 KB. */
__attribute__((noinline)) static int32_t multiply(int32_t a, int32_t b) {
    return rounding_doubling_high_multiply(a, b);
}

/* x x 2^exponent, saturated; exponent > 0. */
static int32_t saturating_shift_left(int32_t x, uint32_t exponent) {
    const int32_t largest = INT32_MAX >> exponent;
    if (x > largest) {
        return INT32_MAX;
    }
    if (x < -largest - 1) {
        return INT32_MIN;
    }
    return (int32_t)((uint32_t)x << exponent);
}

/* exp(a) as Q0.31 for a in [-1/4, 0) as Q0.31: Taylor's series of degree 4 around -1/8. */
static int32_t exp_on_last_quarter(int32_t a) {
    const int32_t exp_minus_eighth = 1895147668; /* exp(-1/8) */
    const int32_t third = 715827883;             /* 1/3 */
    const int32_t x = (int32_t)((uint32_t)a + (1u << 28));
    const int32_t x2 = multiply(x, x);
    const int32_t x3 = multiply(x2, x);
    const int32_t x4 = multiply(x2, x2);
    const int32_t x4_over_4 = rounding_shift_right(x4, 2);
    const int32_t tail = rounding_shift_right(
        (int32_t)((uint32_t)multiply((int32_t)((uint32_t)x4_over_4 + (uint32_t)x3), third) + (uint32_t)x2),
        1);
    return (int32_t)((uint32_t)exp_minus_eighth +
                     (uint32_t)multiply(exp_minus_eighth, (int32_t)((uint32_t)x + (uint32_t)tail)));
}

/* exp(a) as Q0.31 for a <= 0 as Q5.26: the last quarter by series, the rest bit by bit. */
static int32_t exp_of_negative(int32_t a) {
    static const int32_t exp_minus_power[] = {/* exp(-2^k), k = -2 .. 4 */
        1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    const uint32_t fraction_bits = 31 - DIFF_INTEGER_BITS;
    const uint32_t quarter = 1u << (fraction_bits - 2);
    const uint32_t in_quarter = ((uint32_t)a & (quarter - 1u)) - quarter; /* in [-1/4, 0) */
    const uint32_t remainder = in_quarter - (uint32_t)a;

    if (a == 0) {
        return INT32_MAX;
    }
    int32_t result = exp_on_last_quarter((int32_t)(in_quarter << DIFF_INTEGER_BITS));
    for (uint32_t k = 0; k < sizeof exp_minus_power / sizeof *exp_minus_power; k++) {
        if (remainder & (quarter << k)) {
            result = multiply(result, exp_minus_power[k]);
        }
    }
    return result;
}

/* exp of a difference to the largest input; of none 1, as near as Q0.31 comes to it. */
static int32_t exp_of_difference(int32_t diff, int32_t multiplier, int32_t shift) {
    return diff == 0 ? INT32_MAX : exp_of_negative(sqz_requantize(diff, multiplier, shift));
}

/* 1 / (1 + a) as Q0.31 for a in [0, 1] as Q0.31: three Newton-Raphson steps from 48/17 - 32/17 x (1 + a) / 2. */
static int32_t one_over_one_plus(int32_t a) {
    const int32_t constant_48_over_17 = 1515870810; /* Q2.29 */
    const int32_t constant_minus_32_over_17 = -1010580540;
    const int32_t one = 1 << 29;                                     /* Q2.29 */
    const int32_t half = (int32_t)(((uint32_t)a >> 1) + (1u << 30)); /* (1 + a) / 2, Q0.31 */
    int32_t x =
        (int32_t)((uint32_t)constant_48_over_17 + (uint32_t)multiply(half, constant_minus_32_over_17));
    for (int i = 0; i < 3; i++) {
        const int32_t error = (int32_t)((uint32_t)one - (uint32_t)multiply(half, x));
        x = (int32_t)((uint32_t)x + (uint32_t)saturating_shift_left(multiply(x, error), 2));
    }
    return saturating_shift_left(x, 1); /* the Q2.29 value of 2 / (1 + a), halved, as Q0.31 */
}

SQZ_ONCE void sqz_softmax(const sqz_context *context, const sqz_op *op) {
    const sqz_tensor *in = &context->tensors[op->input];
    const sqz_records records = op_records(context, op);
    const int32_t diff_min = *records.bias, multiplier = *records.multiplier, shift = *records.shift;
    int8_t *scores = (int8_t *)(context->arena + context->header->arena_scores);
    const uint32_t classes = in->channels;

    int32_t largest = 0;
    for (uint32_t c = 0; c < classes; c++) {
        if (*plane_of(context, in, c) > largest) {
            largest = *plane_of(context, in, c);
        }
    }

    uint32_t sum = 0; /* Q12.19 */
    for (uint32_t c = 0; c < classes; c++) {
        const int32_t diff = *plane_of(context, in, c) - largest;
        if (diff >= diff_min) {
            sum +=
                (uint32_t)rounding_shift_right(exp_of_difference(diff, multiplier, shift), SUM_INTEGER_BITS);
        }
    }
    const uint32_t headroom = (uint32_t)__builtin_clz(sum | 1u);
    const int32_t scale = one_over_one_plus((int32_t)((sum << headroom) - (1u << 31)));
    /* More than 31 where the exponentials add up to 512 or more: then no probability comes to half a step. TFLite
       shifts by that many bits all the same, which C does not define. */
    const uint32_t exponent = SUM_INTEGER_BITS - headroom + 31u - 8u;

    for (uint32_t c = 0; c < classes; c++) {
        const int32_t diff = *plane_of(context, in, c) - largest;
        int32_t score = -SCORE_ZERO_POINT;
        if (diff >= diff_min && exponent <= 31u) {
            const int32_t e = exp_of_difference(diff, multiplier, shift);
            score += rounding_shift_right(multiply(scale, e), exponent);
        }
        scores[c] = (int8_t)(score > INT8_MAX ? INT8_MAX : score);
    }
}
