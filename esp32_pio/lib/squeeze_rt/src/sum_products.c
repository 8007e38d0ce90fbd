/*
 * The C twin of sum_products_2_*.S and sum_products_4_*.S: each tap is multiplied with all lanes of a word
 * at once.
 */
#include "assembler.h"
#include "sum_taps.h"

#if !SQZ_ASSEMBLER /* there, it */

/* Part of a filter. */
typedef struct {
    const uint32_t *taps;
    const uint32_t *end;
    uint32_t start; /* of the lanes */
} tap_chunk;

static void sum_chunk_2(const tap_sweep *sweep, const tap_chunk *chunk) {
    uint32_t *low = sweep->sums, *high = low + sweep->lane_stride;
    for (uint32_t i = 0; i < touched_words(sweep); i += SQZ_BLOCK_WORDS) {
        uint32_t lanes[SQZ_BLOCK_WORDS];
        for (uint32_t k = 0; k < SQZ_BLOCK_WORDS; k++) {
            lanes[k] = chunk->start;
        }
        for (const uint32_t *tap = chunk->taps; tap < chunk->end; tap++) {
            const uint32_t weight = (uint32_t)((int32_t)*tap >> 16);
            const uint32_t *words = sweep->words + i + (*tap & 0xFFFFu);
            for (uint32_t k = 0; k < SQZ_BLOCK_WORDS; k++) {
                lanes[k] += weight * words[k];
            }
        }
        for (uint32_t k = 0; k < SQZ_BLOCK_WORDS; k++) {
            low[i + k] += lanes[k] & 0xFFFFu;
            high[i + k] += lanes[k] >> 16;
        }
    }
}

/* Weight times the whole word, summed, holds all four lanes' sums overlapped; weight times the odd ones, summed
 * apart, takes them out again. */
static void sum_chunk_4(const tap_sweep *sweep, const tap_chunk *chunk) {
    const uint32_t stride = sweep->lane_stride;
    uint32_t *to = sweep->sums;
    for (uint32_t i = 0; i < touched_words(sweep); i += SQZ_BLOCK_WORDS) {
        uint32_t all[SQZ_BLOCK_WORDS] = {0}, odd[SQZ_BLOCK_WORDS] = {0};
        for (const uint32_t *tap = chunk->taps; tap < chunk->end; tap++) {
            const uint32_t weight = (uint32_t)((int32_t)*tap >> 16);
            const uint32_t *words = sweep->words + i + (*tap & 0xFFFFu);
            for (uint32_t k = 0; k < SQZ_BLOCK_WORDS; k++) {
                all[k] += weight * words[k];
                odd[k] += weight * ((words[k] >> 8) & 0x00FF00FFu);
            }
        }
        for (uint32_t k = 0; k < SQZ_BLOCK_WORDS; k++, to += sweep->word_stride) {
            const uint32_t evens = all[k] - (odd[k] << 8) + chunk->start, odds = odd[k] + chunk->start;
            to[0] += evens & 0xFFFFu;
            to[stride] += odds & 0xFFFFu;
            to[2 * stride] += evens >> 16;
            to[3 * stride] += odds >> 16;
        }
    }
}

static void sum_chunks(const tap_sweep *sweep, const uint32_t *taps, uint32_t base, uint32_t lanes,
    void (*sum_chunk)(const tap_sweep *, const tap_chunk *)) {
    for (uint32_t i = 0; i < touched_words(sweep); i++) {
        for (uint32_t j = 0; j < lanes; j++) {
            sweep->sums[j * sweep->lane_stride + i * sweep->word_stride] = base;
        }
    }
    const uint32_t *at = taps + (int32_t)*taps;
    for (const uint32_t *header = taps - 1; *header != 0; header--) {
        const tap_chunk chunk = {at, at + (*header & 0xFFFFu), lanes_start(*header >> 16)};
        sum_chunk(sweep, &chunk);
        at = chunk.end;
    }
}

void sqz_sum_products_2(const tap_sweep *sweep, const uint32_t *taps, uint32_t base) {
    sum_chunks(sweep, taps, base, 2, sum_chunk_2);
}

void sqz_sum_products_4(const tap_sweep *sweep, const uint32_t *taps, uint32_t base) {
    sum_chunks(sweep, taps, base, 4, sum_chunk_4);
}

#endif
