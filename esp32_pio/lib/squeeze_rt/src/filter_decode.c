/* A filter's weights from code words to taps: the C twin of filter_decode_xtensa.S. */
#include "filter_decode.h"

#if defined(__XTENSA__) /* the rest: filter_decode_xtensa.S, which knows these by their offsets */

_Static_assert(offsetof(filter_stream, decoder.window) == 8, "DECODER_WINDOW");
_Static_assert(offsetof(filter_stream, decoder.spare) == 12, "DECODER_SPARE");
_Static_assert(offsetof(filter_stream, decoder.zeros) == 16, "DECODER_ZEROS");
_Static_assert(offsetof(filter_stream, decoder.value) == 20, "DECODER_VALUE");
_Static_assert(offsetof(filter_stream, decoder.levels) == 24, "DECODER_LEVELS");
_Static_assert(offsetof(filter_stream, decoder.lookup) == 24 + 64, "LEVELS_TO_LOOKUP");
_Static_assert(offsetof(filter_stream, decoder.symbols) == 24 + 64 + 512, "LOOKUP_TO_SYMBOLS");
_Static_assert(offsetof(filter_stream, inputs) == 1116, "STREAM_INPUTS");
_Static_assert(offsetof(filter_stream, weights) == 1120, "STREAM_WEIGHTS");
_Static_assert(sizeof(huffman_level) == 4 && offsetof(huffman_level, place) == 2, "a level's halves");

#else

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

bool sqz_next_symbol(huffman_decoder *decoder, uint32_t *position, int32_t *value) {
    if (decoder->spare < 0 && decoder->next != decoder->end) {
        decoder->window |= (uint32_t)*decoder->next++ << -decoder->spare;
        decoder->spare += 16;
    }
    uint32_t symbol = decoder->lookup[decoder->window >> (32 - HUFFMAN_LOOKUP_BITS)];
    if ((symbol & 15u) == 0) {
        symbol = long_word(decoder, symbol >> 4);
    }
    decoder->window <<= symbol & 15u;
    decoder->spare -= (int32_t)(symbol & 15u);
    *value = (int16_t)symbol >> 8;
    *position += (symbol >> 4 & 15u) + (*value == 0);
    return decoder->spare >= -16;
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

sqz_status sqz_decode_filter(filter_stream *stream, uint32_t *taps, uint32_t limit, uint32_t *negative) {
    huffman_decoder *const decoder = &stream->decoder;
    tap_writer writer = {.chunk = taps, .next = taps + 1, .last = taps + limit - 2, .budget = LANE_BUDGET};
    uint32_t position = decoder->zeros;
    int32_t value = decoder->value;

    for (;;) {
        if (value != 0 && position < stream->weights) {
            if (!write_tap(&writer, value, stream->inputs[position++])) {
                return SQZ_ERR_CODE;
            }
            value = 0;
        }
        if (position >= stream->weights) {
            break;
        }
        if (!sqz_next_symbol(decoder, &position, &value)) {
            return SQZ_ERR_CODE;
        }
    }
    write_header(&writer);
    *writer.next = 0;
    *negative = writer.all_negative;
    decoder->zeros = position - stream->weights; /* they belong to the next filter, and so does `value` */
    decoder->value = value;
    return SQZ_OK;
}

#endif
