/*
 * The C twin of sum_lists_2_xtensa.S and sum_lists_4_xtensa.S: what a list's taps weigh is multiplied with all lanes of a
 * word at once.
 */
#include "tap_lists.h"

#include <stdbool.h>

#if !defined(__XTENSA__) /* there, the assembler */

/* What all taps of one chunk add up to in a word, lanes overlapped; and in its odd bytes alone, shifted down. */
typedef struct {
    uint32_t all;
    uint32_t odd;
} word_sums;

static int32_t weight_of(uint32_t list) {
    return (list & 1u) != 0 ? -(int32_t)(list / 2u) : (int32_t)(list / 2u);
}

static word_sums sum_word(const uint32_t *words, const tap_lists *lists, uint32_t chunk) {
    word_sums sums = {0};
    for (uint32_t l = FIRST_TAP_LIST; l < TAP_LISTS; l++) {
        const uint32_t weight = (uint32_t)weight_of(l);
        for (uint32_t at = lists->marks[chunk - 1u][l]; at < lists->marks[chunk][l]; at++) {
            const uint32_t word = words[((const uint16_t *)lists)[at]];
            sums.all += weight * word;
            sums.odd += weight * ((word >> 8) & 0x00FF00FFu);
        }
    }
    return sums;
}

/* The first chunk's sums begin with `base`, the others' with what is there. */
static void add_to(uint32_t *sum, bool first, uint32_t base, uint32_t lane) {
    *sum = (first ? base : *sum) + lane;
}

void sqz_sum_lists_2(const tap_sweep *sweep, const uint32_t *taps, uint32_t base) {
    const tap_lists *lists = (const tap_lists *)taps;
    uint32_t chunk = 0;
    do {
        chunk++;
        const uint32_t start = lanes_start(lists->marks[chunk][1]);
        for (uint32_t i = 0; i < touched_words(sweep); i++) {
            const uint32_t lanes = sum_word(sweep->words + i, lists, chunk).all + start;
            add_to(&sweep->sums[i], chunk == 1, base, lanes & 0xFFFFu);
            add_to(&sweep->sums[i + sweep->lane_stride], chunk == 1, base, lanes >> 16);
        }
    } while (lists->marks[chunk][0] != 0);
}

void sqz_sum_lists_4(const tap_sweep *sweep, const uint32_t *taps, uint32_t base) {
    const tap_lists *lists = (const tap_lists *)taps;
    const uint32_t stride = sweep->lane_stride;
    uint32_t chunk = 0;
    do {
        chunk++;
        const uint32_t start = lanes_start(lists->marks[chunk][1]);
        for (uint32_t i = 0; i < touched_words(sweep); i++) {
            const word_sums sums = sum_word(sweep->words + i, lists, chunk);
            const uint32_t evens = sums.all - (sums.odd << 8) + start, odds = sums.odd + start;
            uint32_t *to = sweep->sums + i * sweep->word_stride;
            add_to(to, chunk == 1, base, evens & 0xFFFFu);
            add_to(to + stride, chunk == 1, base, odds & 0xFFFFu);
            add_to(to + 2 * stride, chunk == 1, base, evens >> 16);
            add_to(to + 3 * stride, chunk == 1, base, odds >> 16);
        }
    } while (lists->marks[chunk][0] != 0);
}

#endif
