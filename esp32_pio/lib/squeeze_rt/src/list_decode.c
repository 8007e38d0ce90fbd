/* A filter's weights from code words to lists of taps: how they start, and the C twin of list_decode_*.S. */
#include "list_decode.h"

#define LARGEST_LEVEL 7

/* The mark of tap number `index`. */
static uint32_t mark_of(const tap_lists *lists, uint32_t index) {
#if SQZ_ASSEMBLER
    return (uint32_t)((const uint16_t *)lists + index);
#else
    (void)lists;
    return index;
#endif
}

/* The most that weights of inputs up to `largest` may add up to in a lane, and one more, as chunk_limit counts. */
static uint32_t limit_for(uint32_t largest) {
    uint32_t most = 0;
    for (uint32_t bit = 1u << 15; bit != 0; bit >>= 1) { /* not all cores divide */
        most |= (most | bit) * largest <= LANE_BUDGET ? bit : 0;
    }
    return (most + 1u) << 12;
}

/* Whether all weights are 0 or +-1, +-2, +-4, +-8. */
static bool on_shift_grid(const huffman_decoder *decoder) {
    bool found = true;
    for (uint32_t i = 0; i < decoder->count; i++) {
        const int32_t value = (int16_t)decoder->symbols[i] >> 8, magnitude = value < 0 ? -value : value;
        found &= magnitude <= 8 && (magnitude & (magnitude - 1)) == 0;
    }
    return found;
}

static void make_lists(filter_stream *stream, tap_lists *lists, const sqz_op *op) {
    stream->lists = lists;
    stream->last_marks = lists->marks[1u + op->lists];
    const bool counted = op->measure == SQZ_MEASURE_NOTHING || op->measure == SQZ_MEASURE_LARGEST;
    stream->chunk_limit = counted ? limit_for(stream->inputs[0] >> 16) : 0;
    const bool shift_grid = on_shift_grid(&stream->decoder);
    const uint32_t room = list_room(op, FIRST_TAP_LIST), large_room = list_room(op, FIRST_LARGE_LIST);
    uint32_t index = (uint32_t)(offsetof(tap_lists, marks) + (1u + op->lists) * sizeof lists->marks[0]) /
                     (uint32_t)sizeof(uint16_t);
    for (uint32_t l = FIRST_TAP_LIST; l <= TAP_LISTS;
        index += l < FIRST_LARGE_LIST ? room : large_room, l++) {
        const uint32_t list = l % TAP_LISTS; /* list 0 comes last */
        const uint32_t magnitude = shift_grid && list / 2u == 3u ? 8 : list / 2u;
        lists->lists[list].weight = magnitude << 16 | ((list & 1u) != 0 ? magnitude : 0);
        lists->marks[0][list] = lists->lists[list].next = mark_of(lists, index);
    }
    lists->lists[1] = (tap_list){lists->marks[0][FIRST_TAP_LIST], shift_grid};
}

/* The list of a weight, and 16 more for the list of 3 in the place of which there is one of 8: it counts as 11. */
static uint32_t list_of(int32_t value, bool shift_grid) {
    if (shift_grid && (value == 8 || value == -8)) {
        return value < 0 ? 23 : 22;
    }
    if (value < -LARGEST_LEVEL || value > LARGEST_LEVEL) {
        return 1;
    }
    return value < 0 ? 1u - 2u * (uint32_t)value : 2u * (uint32_t)value;
}

#if SQZ_ASSEMBLER /* the rest: list_decode_*.S, which knows these by their offsets */

_Static_assert(offsetof(tap_lists, marks) == 128, "MARKS");

/* The assembler's form of a symbol: list << 11 | (run + 1) << 6 | length of its code word; instead of a long one in the
 * lookup, least possible length << 6 | 1 << 5; on RISC-V << 11, with nothing in the place of a run. */
#if SQZ_RISCV
enum { LONG_SHIFT = 11, LONG_MARK = 0 };
#else
enum { LONG_SHIFT = 6, LONG_MARK = 1 << 5 };
#endif

static uint16_t remade(uint32_t symbol, bool shift_grid) {
    const int32_t value = (int16_t)symbol >> 8;
    return (uint16_t)(list_of(value, shift_grid) << 11 | ((symbol >> 4 & 15u) + 1u) << 6 | (symbol & 15u));
}

void sqz_start_lists(filter_stream *stream, tap_lists *lists, const sqz_op *op) {
    huffman_decoder *const decoder = &stream->decoder;
    make_lists(stream, lists, op);
    for (uint32_t i = 0; i < decoder->count; i++) {
        decoder->symbols[i] = remade(decoder->symbols[i], lists->lists[1].weight != 0);
    }
    sqz_huffman_look_up(decoder, LONG_SHIFT, LONG_MARK);
}

sqz_status sqz_finish_lists(const filter_stream *stream) {
    const huffman_decoder *decoder = &stream->decoder;
    const int32_t left = sqz_bits_left(decoder);
    const bool weight = decoder->zeros != 0 && decoder->value >> 11 != 0;
    return left >= 0 && left < 16 && !weight ? SQZ_OK : SQZ_ERR_CODE;
}

#else

void sqz_start_lists(filter_stream *stream, tap_lists *lists, const sqz_op *op) {
    make_lists(stream, lists, op);
    sqz_huffman_look_up(&stream->decoder, huffman_long_shift(&stream->decoder), 0);
}

/* A chunk while its taps are put into the lists. */
typedef struct {
    filter_stream *stream;
    uint32_t *marks;  /* of the chunk */
    uint32_t weight;  /* of its taps, times their largest inputs */
    uint32_t symbols; /* as chunk_limit counts them */
} chunk_writer;

/* What the chunk's negative taps can add up to, inputs as large as the largest. */
static uint32_t negative_of(const chunk_writer *w) {
    uint32_t weights = 0;
    for (uint32_t l = FIRST_TAP_LIST + 1u; l < TAP_LISTS; l += 2u) {
        weights += (w->stream->lists->lists[l].weight >> 16) * (w->marks[l] - (w->marks - TAP_LISTS)[l]);
    }
    return (w->stream->inputs[0] >> 16) * weights;
}

/* Ends the chunk. */
static void mark_ends(chunk_writer *w, bool more) {
    tap_lists *const lists = w->stream->lists;
    for (uint32_t l = FIRST_TAP_LIST; l < TAP_LISTS; l++) {
        w->marks[l] = lists->lists[l].next;
    }
    w->marks[0] = more;
    w->marks[1] = w->stream->chunk_limit != 0 ? negative_of(w) : w->weight & 0xFFFFu;
    lists->marks[0][1] += w->marks[1];
}

/* False: there may be no other chunk. */
static bool write_tap(chunk_writer *w, uint32_t list, uint32_t input) {
    tap_list *const to = &w->stream->lists->lists[list % TAP_LISTS];
    const uint32_t weight = to->weight * (input >> 16), limit = w->stream->chunk_limit;
    /* The sum's upper half has no room where it is less than its part. */
    if (limit != 0 ? w->symbols >= limit : w->weight + weight < weight) {
        mark_ends(w, true);
        w->weight = 0;
        w->symbols = list << 11;
        w->marks += TAP_LISTS;
        if (w->marks >= w->stream->last_marks) {
            return false;
        }
    }
    w->weight += weight;
    ((uint16_t *)w->stream->lists)[to->next++] = (uint16_t)input;
    return true;
}

/* Lets the lists begin anew. False: one had no room. */
static bool restart(tap_lists *lists) {
    bool ok = lists->lists[1].next == lists->marks[0][FIRST_TAP_LIST];
    for (uint32_t l = FIRST_TAP_LIST; l < TAP_LISTS; l++) {
        ok &= lists->lists[l].next <= lists->marks[0][(l + 1u) % TAP_LISTS];
        lists->lists[l].next = lists->marks[0][l];
    }
    return ok;
}

sqz_status sqz_decode_lists(filter_stream *stream) {
    huffman_decoder *const decoder = &stream->decoder;
    const bool shift_grid = stream->lists->lists[1].weight != 0;
    chunk_writer writer = {.stream = stream, .marks = stream->lists->marks[1]};
    uint32_t position = decoder->zeros;
    int32_t value = decoder->value;
    writer.symbols = list_of(value, shift_grid) << 11;
    stream->lists->marks[0][1] = 0;
    for (;;) {
        if (value != 0 && position < stream->weights) {
            if (!write_tap(&writer, list_of(value, shift_grid), stream->inputs[position++])) {
                return SQZ_ERR_CODE;
            }
            value = 0;
        }
        if (position >= stream->weights) {
            break;
        }
        const uint32_t before = position;
        if (!sqz_next_symbol(decoder, &position, &value)) {
            return SQZ_ERR_CODE;
        }
        writer.symbols += list_of(value, shift_grid) << 11 | (position - before + (value != 0)) << 6;
    }
    mark_ends(&writer, false);
    decoder->zeros = position - stream->weights; /* they belong to the next filter, and so does `value` */
    decoder->value = value;
    return restart(stream->lists) ? SQZ_OK : SQZ_ERR_CODE;
}

sqz_status sqz_finish_lists(const filter_stream *stream) {
    return sqz_huffman_finish(&stream->decoder);
}

#endif
