/*
 * The C twin of sum_lists_2_*.S and sum_lists_4_*.S: what a list's taps weigh is multiplied with all lanes of
 * a word at once.
 */
#include "assembler.h"
#include "tap_lists.h"

#if !SQZ_ASSEMBLER /* there, it */

/* What all taps of one chunk add up to in a block's words, lanes overlapped; and in their odd bytes alone, shifted
 * down, where `lanes` is 4. */
typedef struct {
    uint32_t all[SQZ_BLOCK_WORDS];
    uint32_t odd[SQZ_BLOCK_WORDS];
} block_sums;

static void add_tap(block_sums *sums, uint32_t weight, const uint32_t *words, uint32_t lanes) {
    for (uint32_t k = 0; k < SQZ_BLOCK_WORDS; k++) {
        sums->all[k] += weight * words[k];
    }
    for (uint32_t k = 0; k < SQZ_BLOCK_WORDS && lanes == 4; k++) {
        sums->odd[k] += weight * ((words[k] >> 8) & 0x00FF00FFu);
    }
}

static block_sums sum_block(
    const uint32_t *words, const tap_lists *lists, const uint32_t marks[2][TAP_LISTS], uint32_t lanes) {
    block_sums sums = {0};
    for (uint32_t l = FIRST_TAP_LIST; l < TAP_LISTS; l++) {
        const uint32_t level = lists->lists[1].weight != 0 && l / 2u == 3u ? 8 : l / 2u;
        const uint32_t weight = (l & 1u) != 0 ? 0u - level : level;
        for (uint32_t at = marks[0][l]; at < marks[1][l]; at++) {
            add_tap(&sums, weight, words + ((const uint16_t *)lists)[at], lanes);
        }
    }
    return sums;
}

/* The first chunk's sums begin with `base`, the others' with what is there. */
static void sum_chunk(
    const tap_sweep *sweep, const tap_lists *lists, uint32_t chunk, uint32_t base, uint32_t lanes) {
    const uint32_t start = lanes_start(lists->marks[chunk][1]), stride = sweep->lane_stride;
    for (uint32_t i = 0; i < touched_words(sweep); i += SQZ_BLOCK_WORDS) {
        const block_sums sums = sum_block(sweep->words + i, lists, &lists->marks[chunk - 1u], lanes);
        for (uint32_t k = 0; k < SQZ_BLOCK_WORDS; k++) {
            const uint32_t odds = sums.odd[k] + start, evens = sums.all[k] - (sums.odd[k] << 8) + start;
            const uint32_t by_lane[] = {evens & 0xFFFFu, odds & 0xFFFFu, evens >> 16, odds >> 16};
            uint32_t *to = sweep->sums + (i + k) * sweep->word_stride;
            for (uint32_t j = 0; j < lanes; j++) {
                const uint32_t lane = by_lane[lanes == 4 ? j : 2u * j];
                to[j * stride] = (chunk == 1 ? base : to[j * stride]) + lane;
            }
        }
    }
}

static void sum_lists(const tap_sweep *sweep, const uint32_t *taps, uint32_t base, uint32_t lanes) {
    const tap_lists *lists = (const tap_lists *)taps;
    uint32_t chunk = 0;
    do {
        sum_chunk(sweep, lists, ++chunk, base, lanes);
    } while (lists->marks[chunk][0] != 0);
}

void sqz_sum_lists_2(const tap_sweep *sweep, const uint32_t *taps, uint32_t base) {
    sum_lists(sweep, taps, base, 2);
}

void sqz_sum_lists_4(const tap_sweep *sweep, const uint32_t *taps, uint32_t base) {
    sum_lists(sweep, taps, base, 4);
}

#endif
