#include "filter_decode.h"

#include "sum_taps.h"

#include <stdbool.h>

#if defined(__XTENSA__) /* the rest is in filter_decode_xtensa.S, which knows these by their offsets */

_Static_assert(offsetof(filter_stream, decoder.runs) == 20, "DECODER_RUNS");
_Static_assert(offsetof(filter_stream, decoder.limit) == 24, "DECODER_LIMIT");
_Static_assert(offsetof(filter_stream, decoder.place) == 88, "DECODER_PLACE");
_Static_assert(offsetof(filter_stream, decoder.lookup) == 120, "DECODER_LOOKUP");
_Static_assert(offsetof(filter_stream, decoder.symbols) == 632, "DECODER_SYMBOLS");
_Static_assert(offsetof(filter_stream, inputs) == 888, "STREAM_INPUTS");
_Static_assert(offsetof(filter_stream, weights) == 892, "STREAM_WEIGHTS");

#else

/* The bits of a window that are zero before the first one. */
static int32_t leading_zeros(uint32_t window) {
    return window == 0 ? 32 : __builtin_clz(window);
}

/* The code word that the window starts with, when it is longer than the lookup's, in the lookup's form. */
static int32_t long_word(const huffman_decoder *decoder) {
    const uint32_t word = decoder->window >> 16;
    uint32_t length = HUFFMAN_LOOKUP_BITS + 1u;
    while (word >= decoder->limit[length]) /* ends: a complete code's last limit is 0x10000 */
        length++;
    const int32_t symbol = decoder->symbols[(int32_t)(word >> (16u - length)) + decoder->place[length]];
    return symbol * 256 + (int32_t)length;
}

/* Takes a run of zeros off the window; false when it reaches the end of what the window holds. */
static bool take_zeros(huffman_decoder *decoder, uint32_t *position) {
    const int32_t run = leading_zeros(decoder->window);
    const bool whole = run < decoder->bits;
    *position += (uint32_t)(whole ? run : decoder->bits);
    decoder->window = whole ? decoder->window << run : 0;
    decoder->bits = whole ? decoder->bits - run : 0;
    return whole;
}

static bool refill(huffman_decoder *decoder) {
    if (decoder->next == decoder->end)
        return false;
    decoder->window |= (uint32_t)*decoder->next++ << (16 - decoder->bits);
    decoder->bits += 16;
    return true;
}

/* Decodes up to the next weight that is not zero, which goes to *weight, or to the end of the filter, where that
 * becomes 0; adds the zeros before it to *position. */
static sqz_status next_weight(
    huffman_decoder *decoder, uint32_t *position, uint32_t weights, int32_t *weight) {
    *weight = 0;
    while (*position < weights && *weight == 0) {
        if (decoder->runs && !take_zeros(decoder, position)) {
            if (*position < weights && !refill(decoder))
                return SQZ_ERR_CODE;
            continue;
        }
        if (*position >= weights)
            break;
        if (decoder->bits < 16)
            refill(decoder);
        int32_t entry = decoder->lookup[decoder->window >> (32 - HUFFMAN_LOOKUP_BITS)];
        if (entry == 0)
            entry = long_word(decoder);
        decoder->window <<= entry & 15;
        decoder->bits -= entry & 15;
        if (decoder->bits < 0)
            return SQZ_ERR_CODE;
        *weight = entry >> 8;
        *position += *weight == 0;
    }
    return SQZ_OK;
}

/* Closes a chunk whose taps end before `next`. */
static void write_header(uint32_t *chunk, const uint32_t *next, uint32_t negative) {
    *chunk = negative << 16 | (uint32_t)(next - chunk - 1);
}

sqz_status decode_filter(filter_stream *stream, uint32_t *taps, uint32_t limit, uint32_t *negative) {
    huffman_decoder *const decoder = &stream->decoder;
    const uint32_t weights = stream->weights;
    uint32_t *chunk = taps, *next = taps + 1, *const last = taps + limit - 2;
    uint32_t position = decoder->zeros, chunk_negative = 0, all_negative = 0, budget = LANE_BUDGET;

    for (;;) {
        int32_t weight;
        const sqz_status status = next_weight(decoder, &position, weights, &weight);
        if (status != SQZ_OK)
            return status;
        if (weight == 0)
            break;
        if (next >= last)
            return SQZ_ERR_CODE;
        const uint32_t input = stream->inputs[position++];
        const uint32_t most = (uint32_t)(weight < 0 ? -weight : weight) * (input >> 16);
        if (most > budget) {
            write_header(chunk, next, chunk_negative);
            all_negative += chunk_negative;
            chunk_negative = 0;
            budget = LANE_BUDGET;
            chunk = next++;
        }
        budget -= most;
        if (weight < 0)
            chunk_negative += most;
        *next++ = (uint32_t)weight << 16 | (input & 0xFFFFu);
    }
    write_header(chunk, next, chunk_negative);
    *next = 0;
    *negative = all_negative + chunk_negative;
    decoder->zeros = position - weights; /* they belong to the next filter */
    return SQZ_OK;
}

#endif
