/* A filter's weights from code words to taps in sequence: the C twin of filter_decode_*.S. */
#include "filter_decode.h"
#include "sum_taps.h"

#if SQZ_ASSEMBLER /* the rest: filter_decode_*.S; stream_*.inc knows these by their offsets */

_Static_assert(offsetof(filter_stream, decoder.window) == 8, "DECODER_WINDOW");
_Static_assert(offsetof(filter_stream, decoder.spare) == 12, "DECODER_SPARE");
_Static_assert(offsetof(filter_stream, decoder.zeros) == 16, "DECODER_ZEROS");
_Static_assert(offsetof(filter_stream, decoder.value) == 20, "DECODER_VALUE");
_Static_assert(offsetof(filter_stream, decoder.levels) == 24, "DECODER_LEVELS");
_Static_assert(offsetof(filter_stream, decoder.lookup) == 24 + 64, "LEVELS_TO_LOOKUP");
_Static_assert(offsetof(filter_stream, decoder.symbols) == 24 + 64 + 512, "LOOKUP_TO_SYMBOLS");
_Static_assert(offsetof(filter_stream, decoder.low) == 1112, "DECODER_LOW");
_Static_assert(offsetof(filter_stream, inputs) == 1116, "STREAM_INPUTS");
_Static_assert(offsetof(filter_stream, weights) == 1120, "STREAM_WEIGHTS");
_Static_assert(offsetof(filter_stream, lists) == 1124, "STREAM_LISTS");
_Static_assert(offsetof(filter_stream, last_marks) == 1128, "STREAM_LAST_MARKS");
_Static_assert(offsetof(filter_stream, low) == 1132, "STREAM_LOW");
_Static_assert(offsetof(filter_stream, chunk_limit) == 1136, "STREAM_CHUNK_LIMIT");
_Static_assert(sizeof(huffman_level) == 4 && offsetof(huffman_level, place) == 2, "a level's halves");

#if defined(__XTENSA__)

/* Two units of the code as one word; where it has ended, zeros. */
static uint32_t next_word(huffman_decoder *decoder) {
    const uint16_t *units = decoder->next;
    decoder->next += 2;
    const uint32_t first = units < decoder->end ? units[0] : 0,
                   second = units + 1 < decoder->end ? units[1] : 0;
    return first << 16 | second;
}

void sqz_start_window(filter_stream *stream) {
    huffman_decoder *const decoder = &stream->decoder;
    const uint32_t odd = (uint32_t)decoder->next / sizeof(uint16_t) % 2u;
    decoder->next -= odd; /* what is before it is in the file, too */
    decoder->spare = odd != 0 ? 16 : 0;
    decoder->window = next_word(decoder);
    stream->low = next_word(decoder);
}

#endif

int32_t sqz_bits_left(const huffman_decoder *decoder) {
    const int32_t held = SQZ_RISCV ? 16 + decoder->spare : 64 - decoder->spare;
    return 16 * (int32_t)(decoder->end - decoder->next) + held;
}

sqz_status sqz_finish_filter(const filter_stream *stream) {
    const int32_t left = sqz_bits_left(&stream->decoder);
    return left >= 0 && left < 16 && stream->decoder.value == 0 ? SQZ_OK : SQZ_ERR_CODE;
}

#else

/* Taps while they are written. */
typedef struct {
    uint32_t *chunk; /* its first tap */
    uint32_t *next;
    uint32_t *header;
    uint32_t budget;
    uint32_t negative; /* of the chunk */
    uint32_t all_negative;
} tap_writer;

/* Closes the chunk. */
static void write_header(tap_writer *w) {
    *w->header-- = w->negative << 16 | (uint32_t)(w->next - w->chunk);
    w->all_negative += w->negative;
}

static bool write_tap(tap_writer *w, int32_t weight, uint32_t input) {
    const uint32_t most = (uint32_t)(weight < 0 ? -weight : weight) * (input >> 16);
    if (most > w->budget) {
        write_header(w);
        w->negative = 0;
        w->budget = LANE_BUDGET;
        w->chunk = w->next;
    }
    if (w->next + 1 >= w->header) { /* a 0 comes below it */
        return false;
    }
    w->budget -= most;
    if (weight < 0) {
        w->negative += most;
    }
    *w->next++ = (uint32_t)weight << 16 | (input & 0xFFFFu);
    return true;
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
    uint32_t *const list = taps + limit - 1;
    tap_writer writer = {.chunk = taps, .next = taps, .header = list - 1, .budget = LANE_BUDGET};
    if (!decode_symbols(stream, &writer)) {
        return SQZ_ERR_CODE;
    }
    write_header(&writer);
    *writer.header = 0;
    *list = (uint32_t)(taps - list);
    *negative = writer.all_negative;
    return SQZ_OK;
}

sqz_status sqz_finish_filter(const filter_stream *stream) {
    return sqz_huffman_finish(&stream->decoder);
}

#endif
