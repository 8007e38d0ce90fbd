#include "filter_decode.h"

/* Closes a chunk whose taps end before `next`. */
static void write_header(uint32_t *chunk, const uint32_t *next, uint32_t negative) {
    *chunk = negative << 16 | (uint32_t)(next - chunk - 1);
}

sqz_status decode_filter(filter_stream *stream, uint32_t *taps, uint32_t limit, uint32_t *negative) {
    huffman_decoder *const decoder = &stream->decoder;
    const uint16_t *const offsets = stream->offsets, *unit = decoder->next;
    const uint32_t weights = stream->weights;
    uint32_t window = decoder->window, position = decoder->zeros;
    int32_t bits = decoder->bits, weight = decoder->symbol;
    uint32_t *chunk = taps, *next = taps + 1, *const last = taps + (limit < 2 ? 0 : limit - 2);
    int32_t budget = SQZ_LANE_BUDGET;
    uint32_t chunk_negative = 0, all_negative = 0;

    if (limit < 2)
        return SQZ_ERR_CODE;
    for (;;) {
        if (weight == 0 && position < weights) {
            if (bits <= 16) {
                if (unit < decoder->end) {
                    window |= (uint32_t)*unit++ << (16 - bits);
                    bits += 16;
                } else if (bits <= 0) {
                    return SQZ_ERR_CODE;
                }
            }
            const int32_t entry = decoder->lookup[window >> (32 - HUFFMAN_LOOKUP_BITS)];
            uint32_t length = ((uint32_t)entry >> 4) & 15u;
            weight = entry >> 8;
            position += (uint32_t)entry & 15u;
            if (entry == 0) {
                weight = huffman_long_word(decoder, window, &length);
                position += weight == 0;
            }
            window <<= length;
            bits -= (int32_t)length;
        }
        if (position >= weights)
            break; /* what is decoded beyond belongs to the next filter */
        if (weight == 0)
            continue;
        const int32_t magnitude = weight < 0 ? -weight : weight;
        if (next >= last)
            return SQZ_ERR_CODE;
        budget -= magnitude;
        if (budget < 0) {
            write_header(chunk, next, chunk_negative);
            all_negative += chunk_negative;
            chunk_negative = 0;
            budget = SQZ_LANE_BUDGET - magnitude;
            chunk = next++;
        }
        if (weight < 0)
            chunk_negative += (uint32_t)magnitude;
        *next++ = (uint32_t)weight << 16 | offsets[position];
        position++;
        weight = 0;
    }
    write_header(chunk, next, chunk_negative);
    *next = 0;
    *negative = all_negative + chunk_negative;
    decoder->next = unit;
    decoder->window = window;
    decoder->bits = bits;
    decoder->zeros = position - weights;
    decoder->symbol = weight;
    return SQZ_OK;
}
