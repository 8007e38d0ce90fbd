/*
 * Internal: sums of one filter's taps over a run of words. No bias, no requantization.
 *
 * A lane has 16 bits. Lanes may borrow from each other meanwhile, because everything is linear modulo 2^32; what
 * counts is that each lane's final value fits. So a filter comes in chunks, whose taps' |weight| x largest value of
 * the channel add up to at most LANE_BUDGET. A lane that starts from what its negative taps can add up to ends with a
 * number from 0 to LANE_BUDGET, and can be split off.
 *
 * Taps in sequence are words, weight << 16 | where the input lies, in words from the window's first; the chunks follow
 * each other. They are listed elsewhere, in words that are read downward: how many words behind that one the first tap
 * lies; for each chunk negative << 16 | count; a 0. There is at least one chunk.
 */
#ifndef SUM_TAPS_H
#define SUM_TAPS_H

#include <stdint.h>

#include "sqz_format.h"

/* Where a filter is summed; the sum of lane j of word w goes to sums[j x lane_stride + w x word_stride]. */
typedef struct {
    const uint32_t *words; /* of the first channel, where the filter's window begins */
    uint32_t count;        /* at least 1; touched_words() may be summed */
    uint32_t *sums;
    uint32_t lane_stride;
    uint32_t word_stride;
} tap_sweep;

#define LANE_BUDGET 0xFFFFu

/* What two lanes start from. */
static inline uint32_t lanes_start(uint32_t negative) {
    return negative * 0x10001u;
}

/* As many words as the kernels for Xtensa may touch. */
static inline uint32_t touched_words(const tap_sweep *sweep) {
    return (sweep->count + SQZ_BLOCK_WORDS - 1u) & ~(SQZ_BLOCK_WORDS - 1u);
}

/*
 * Both lanes of 16 bits, or all four of 8, of each word: sums of the filter that is at `taps`, plus `base`: of
 * sqz_sum_products_* the list of its chunks, of sqz_sum_lists_* its tap_lists.
 */
typedef void sum_kernel(const tap_sweep *sweep, const uint32_t *taps, uint32_t base);
sum_kernel sqz_sum_products_2, sqz_sum_products_4, sqz_sum_lists_2, sqz_sum_lists_4;

#endif
