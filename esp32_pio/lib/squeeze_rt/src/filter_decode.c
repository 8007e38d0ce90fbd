/* A filter's weights from code words to taps: the C twin of filter_decode_xtensa.S. */
#include "filter_decode.h"

/* The symbol that the window starts with, when its code word is longer than the lookup's, or of no bits at all. */
static uint32_t long_word(const huffman_decoder *decoder, uint32_t least) {
    const uint32_t word = decoder->window >> 16;
    uint32_t length = least;
    while (word > decoder->levels[length].last) { /* ends: a complete code's last word is all ones */
        length++;
    }
    const int32_t value = length == 0 ? 0 : (int32_t)(word >> (16u - length));
    return decoder->symbols[value + decoder->levels[length].place];
}

/* Puts 16 bits or more into the window. */
static void refill(huffman_decoder *decoder) {
    if (decoder->spare < 0 && decoder->next != decoder->end) {
        decoder->window |= (uint32_t)*decoder->next++ << -decoder->spare;
        decoder->spare += 16;
    }
}

/* Takes at most 16 bits out of it. False: the code ended before. */
static bool drop(huffman_decoder *decoder, uint32_t bits) {
    decoder->window <<= bits;
    decoder->spare -= (int32_t)bits;
    return decoder->spare >= -16;
}

bool sqz_next_symbol(huffman_decoder *decoder, uint32_t *position, int32_t *value) {
    refill(decoder);
    uint32_t symbol = decoder->lookup[decoder->window >> (32 - HUFFMAN_LOOKUP_BITS)];
    if ((symbol & 15u) == 0) {
        symbol = long_word(decoder, symbol >> 4);
    }
    *value = (int16_t)symbol >> 8;
    *position += (symbol >> 4 & 15u) + (*value == 0);
    if (*value != 0 && decoder->low != 0) {
        *value += (int32_t)(decoder->window >> (32u - (symbol & 15u))) & decoder->low;
    }
    return drop(decoder, symbol & 15u);
}

#if defined(__XTENSA__) /* the rest: filter_decode_xtensa.S, which knows these by their offsets */

_Static_assert(offsetof(filter_stream, decoder.spare) == 12, "DECODER_SPARE");
_Static_assert(offsetof(filter_stream, decoder.zeros) == 16, "DECODER_ZEROS");
_Static_assert(offsetof(filter_stream, decoder.value) == 20, "DECODER_VALUE");
_Static_assert(offsetof(filter_stream, decoder.levels) == 24, "DECODER_LEVELS");
_Static_assert(offsetof(filter_stream, decoder.lookup) == 24 + 64, "LEVELS_TO_LOOKUP");
_Static_assert(offsetof(filter_stream, decoder.symbols) == 24 + 64 + 512, "LOOKUP_TO_SYMBOLS");
_Static_assert(offsetof(filter_stream, inputs) == 1116, "STREAM_INPUTS");
_Static_assert(offsetof(filter_stream, decoder.low) == 1112, "DECODER_LOW");
_Static_assert(offsetof(filter_stream, weights) == 1120, "STREAM_WEIGHTS");
_Static_assert(sizeof(huffman_level) == 4 && offsetof(huffman_level, place) == 2, "a level's halves");

#else

/* The next two weights. False: the code ended before. */
static bool next_pair(huffman_decoder *decoder, int32_t weights[2]) {
    const uint32_t low_bits = HUFFMAN_PAIR_LOW_BITS;
    refill(decoder);
    const uint32_t low = decoder->window >> (32u - 2u * low_bits);
    if (!drop(decoder, 2u * low_bits)) {
        return false;
    }
    refill(decoder);
    uint32_t symbol = decoder->lookup[decoder->window >> (32 - HUFFMAN_LOOKUP_BITS)];
    if ((symbol & 31u) == 0) {
        symbol = long_word(decoder, symbol >> 5);
    }
    weights[0] = ((int16_t)symbol >> 13) * (1 << low_bits) + (int32_t)(low >> low_bits);
    weights[1] = ((int16_t)(symbol << 3) >> 13) * (1 << low_bits) + (int32_t)(low & ((1u << low_bits) - 1u));
    return drop(decoder, (symbol & 31u) - 2u * low_bits);
}

/* Taps while they are written. */
typedef struct {
    uint32_t *chunk; /* its header */
    uint32_t *next;
    uint32_t *last; /* no tap from here on */
    uint32_t budget;
    uint32_t negative; /* of the chunk */
    uint32_t all_negative;
} tap_writer;

/* Closes the chunk. */
static void write_header(tap_writer *w) {
    *w->chunk = w->negative << 16 | (uint32_t)(w->next - w->chunk - 1);
    w->all_negative += w->negative;
}

static bool write_tap(tap_writer *w, int32_t weight, uint32_t input) {
    const uint32_t most = (uint32_t)(weight < 0 ? -weight : weight) * (input >> 16);
    if (w->next >= w->last) {
        return false;
    }
    if (most > w->budget) {
        write_header(w);
        w->negative = 0;
        w->budget = LANE_BUDGET;
        w->chunk = w->next++;
    }
    w->budget -= most;
    if (weight < 0) {
        w->negative += most;
    }
    *w->next++ = (uint32_t)weight << 16 | (input & 0xFFFFu);
    return true;
}

static bool decode_pairs(filter_stream *stream, tap_writer *writer) {
    bool ok = stream->weights % 2u == 0;
    for (uint32_t position = 0; ok && position < stream->weights; position += 2u) {
        int32_t weights[2];
        ok = next_pair(&stream->decoder, weights);
        for (uint32_t i = 0; ok && i < 2u; i++) {
            ok = weights[i] == 0 || write_tap(writer, weights[i], stream->inputs[position + i]);
        }
    }
    return ok;
}

static bool decode_symbols(filter_stream *stream, tap_writer *writer) {
    huffman_decoder *const decoder = &stream->decoder;
    uint32_t position = decoder->zeros;
    int32_t value = decoder->value;
    for (;;) {
        if (value != 0 && position < stream->weights) {
            if (!write_tap(writer, value, stream->inputs[position++])) {
                return false;
            }
            value = 0;
        }
        if (position >= stream->weights) {
            break;
        }
        if (!sqz_next_symbol(decoder, &position, &value)) {
            return false;
        }
    }
    decoder->zeros = position - stream->weights; /* they belong to the next filter, and so does `value` */
    decoder->value = value;
    return true;
}

sqz_status sqz_decode_filter(filter_stream *stream, uint32_t *taps, uint32_t limit, uint32_t *negative) {
    tap_writer writer = {.chunk = taps, .next = taps + 1, .last = taps + limit - 2, .budget = LANE_BUDGET};
    const bool pairs = stream->decoder.low == HUFFMAN_PAIRS;
    if (!(pairs ? decode_pairs(stream, &writer) : decode_symbols(stream, &writer))) {
        return SQZ_ERR_CODE;
    }
    write_header(&writer);
    *writer.next = 0;
    *negative = writer.all_negative;
    return SQZ_OK;
}

#endif
