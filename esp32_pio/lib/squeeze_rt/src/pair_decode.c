/* A filter's weights from pairs to taps in sequence: how they start, and the C twin of pair_decode_*.S. */
#include "filter_decode.h"
#include "sum_taps.h"

sqz_status sqz_start_pairs(const filter_stream *stream, uint32_t *taps, uint32_t limit) {
    const uint32_t weights = stream->weights;
    if (weights % 2u != 0 || (weights + 3u) / 4u + 3u > limit) { /* and one chunk's list */
        return SQZ_ERR_CODE;
    }
    for (uint32_t i = 0; i < weights; i++) {
        ((uint8_t *)taps)[i] = (uint8_t)(stream->inputs[i] >> 16);
    }
    return SQZ_OK;
}

#if !SQZ_ASSEMBLER /* there, pair_decode_*.S */

/* A chunk's taps while they are counted. */
typedef struct {
    uint32_t *header;
    uint32_t taps;
    uint32_t budget;
    uint32_t negative;
    uint32_t all_negative;
} chunk_counter;

/* Closes the chunk. */
static void write_header(chunk_counter *c) {
    *c->header-- = c->negative << 16 | c->taps;
    c->all_negative += c->negative;
}

sqz_status sqz_decode_pairs(filter_stream *stream, uint32_t *taps, uint32_t limit, uint32_t *negative) {
    const uint8_t *const largest = (const uint8_t *)taps;
    uint32_t *const list = taps + limit - 1, *const last = taps + (stream->weights + 3u) / 4u;
    chunk_counter chunk = {.header = list - 1, .budget = LANE_BUDGET};
    for (uint32_t position = 0; position < stream->weights; position += 2u, chunk.taps += 2u) {
        int32_t weights[2];
        if (!sqz_next_pair(&stream->decoder, weights)) {
            return SQZ_ERR_CODE;
        }
        uint32_t most = 0, below = 0;
        for (uint32_t i = 0; i < 2u; i++) {
            const int32_t product = weights[i] * largest[position + i];
            most += (uint32_t)(product < 0 ? -product : product);
            below += product < 0 ? (uint32_t)-product : 0;
            uint32_t *const tap = &stream->inputs[position + i];
            *tap = (uint32_t)weights[i] << 16 | (*tap & 0xFFFFu);
        }
        if (most > chunk.budget) {
            write_header(&chunk);
            if (chunk.header <= last) { /* a 0 comes below it */
                return SQZ_ERR_CODE;
            }
            chunk.taps = chunk.negative = 0;
            chunk.budget = LANE_BUDGET;
        }
        chunk.budget -= most;
        chunk.negative += below;
    }
    write_header(&chunk);
    *chunk.header = 0;
    *list = (uint32_t)(stream->inputs - list);
    *negative = chunk.all_negative;
    return SQZ_OK;
}

#endif
