#if !defined(__XTENSA__) /* there, sum_products_xtensa.S */
/* Each tap is multiplied, with all lanes of a word at once. */
#include "sum_taps.h"

void sum_products_2(const tap_sweep *sweep, const tap_chunk *chunk, bool first, uint32_t base) {
    const uint32_t start = lanes_start(chunk->negative);
    const uint32_t *end = chunk->taps + chunk->count;
    uint32_t *low = sweep->sums, *high = low + sweep->lane_stride;
    for (uint32_t i = 0; i < sweep->count; i += SQZ_BLOCK_WORDS) {
        uint32_t lanes[SQZ_BLOCK_WORDS];
        for (uint32_t k = 0; k < SQZ_BLOCK_WORDS; k++)
            lanes[k] = start;
        for (const uint32_t *tap = chunk->taps; tap < end; tap++) {
            const uint32_t *x = sweep->words + i + (*tap & 0xFFFFu);
            const uint32_t weight = (uint32_t)((int32_t)*tap >> 16);
            for (uint32_t k = 0; k < SQZ_BLOCK_WORDS; k++)
                lanes[k] += weight * x[k];
        }
        for (uint32_t k = 0; k < SQZ_BLOCK_WORDS; k++, low++, high++) {
            *low = (lanes[k] & 0xFFFFu) + (first ? base : *low);
            *high = (lanes[k] >> 16) + (first ? base : *high);
        }
    }
}

/* Weight times the whole word, summed, holds all four lanes' sums overlapped; weight times the odd ones, summed
 * apart, takes them out again. */
void sum_products_4(const tap_sweep *sweep, const tap_chunk *chunk, bool first, uint32_t base) {
    const uint32_t start = lanes_start(chunk->negative);
    const uint32_t *end = chunk->taps + chunk->count;
    uint32_t *sums = sweep->sums;
    for (uint32_t i = 0; i < sweep->count; i += SQZ_BLOCK_WORDS) {
        uint32_t all[SQZ_BLOCK_WORDS] = {0}, odd[SQZ_BLOCK_WORDS] = {0};
        for (const uint32_t *tap = chunk->taps; tap < end; tap++) {
            const uint32_t *x = sweep->words + i + (*tap & 0xFFFFu);
            const uint32_t weight = (uint32_t)((int32_t)*tap >> 16);
            for (uint32_t k = 0; k < SQZ_BLOCK_WORDS; k++) {
                all[k] += weight * x[k];
                odd[k] += weight * ((x[k] >> 8) & 0x00FF00FFu);
            }
        }
        for (uint32_t k = 0; k < SQZ_BLOCK_WORDS; k++, sums += sweep->word_stride) {
            const uint32_t odds = odd[k] + start;
            const uint32_t evens = all[k] - (odd[k] << 8) + start;
            uint32_t *to = sums;
            *to = (evens & 0xFFFFu) + (first ? base : *to);
            to += sweep->lane_stride;
            *to = (odds & 0xFFFFu) + (first ? base : *to);
            to += sweep->lane_stride;
            *to = (evens >> 16) + (first ? base : *to);
            to += sweep->lane_stride;
            *to = (odds >> 16) + (first ? base : *to);
        }
    }
}
#endif
