/* Bias, multiplier and shift of one filter after the other, out of their coded stream. */
#include "filter_records.h"

#define LARGEST_SHIFT   30
#define SMALLEST_SHIFT  -31
#define MULTIPLIER_BITS 31u
#define NUMBER_BITS     32u

bool sqz_start_records(record_stream *stream, const uint8_t *blob, const uint8_t *blob_end, uint32_t offset) {
    const uint32_t blob_bytes = (uint32_t)(blob_end - blob);
    if (offset % sizeof(uint16_t) != 0 || offset > blob_bytes) {
        return false;
    }
    stream->reader = sqz_read_bits_from(blob + offset, blob_end);
    bit_reader *const reader = &stream->reader;
    const uint32_t dictionary = 4u * sqz_take_long(reader, 24), count = sqz_take_bits(reader, 13);
    stream->multipliers = (const int32_t *)(blob + dictionary);
    stream->count = (uint16_t)count;
    stream->smallest_shift = (int8_t)sqz_take_bits(reader, 8);
    stream->shift_bits = (uint8_t)sqz_take_bits(reader, 4);
    stream->order = (uint8_t)sqz_take_bits(reader, 5);
    stream->exact = (uint8_t)sqz_take_bits(reader, 8);
    stream->index_bits = 0;
    while (count > 1u << stream->index_bits) {
        stream->index_bits++;
    }
    return reader->bits >= 0 && dictionary <= blob_bytes && 4u * count <= blob_bytes - dictionary;
}

/* Exp-Golomb code of order `order`, of a number that may take all 32 bits; false: of a larger one. */
static bool take_number(bit_reader *reader, uint32_t order, uint32_t *number) {
    const uint32_t zeros = sqz_take_unary(reader), bits = zeros + order;
    if (bits > NUMBER_BITS) {
        return false;
    }
    *number = (bits < NUMBER_BITS ? 1u << bits : 0u) - (1u << order) + sqz_take_long(reader, bits);
    return true;
}

/* Records are read in full for each inference: what is short is read without a call, from a reader in registers. */

static inline void fill(bit_reader *reader) {
    if (reader->bits < 16 && reader->next < reader->end) {
        reader->window |= (uint32_t)*reader->next++ << (16 - reader->bits);
        reader->bits += 16;
    }
}

/* The next `count` bits, 0 to 16. */
static inline uint32_t take(bit_reader *reader, uint32_t count) {
    fill(reader);
    const uint32_t taken = reader->window >> 1 >> (31u - count);
    reader->window <<= count;
    reader->bits -= (int32_t)count;
    return taken;
}

/* As take_number(), where all of it is short; else false, and nothing is taken. */
static inline bool take_short_number(bit_reader *reader, uint32_t order, uint32_t *number) {
    fill(reader);
    const uint32_t zeros = reader->window >> 16 == 0 ? 16u : (uint32_t)__builtin_clz(reader->window);
    const uint32_t bits = zeros + order;
    if (zeros >= 16u || bits > 16u) {
        return false;
    }
    reader->window <<= zeros + 1u;
    reader->bits -= (int32_t)zeros + 1;
    *number = (1u << bits) - (1u << order) + take(reader, bits);
    return true;
}

bool sqz_next_record(record_stream *stream, filter_record *record) {
    bit_reader reader = stream->reader;
    if (stream->count == 0) {
        const uint32_t high = take(&reader, MULTIPLIER_BITS - 16u);
        record->multiplier = (int32_t)(high << 16 | take(&reader, 16));
    } else {
        const uint32_t index = take(&reader, stream->index_bits);
        if (index >= stream->count) {
            return false;
        }
        record->multiplier = stream->multipliers[index];
    }
    const int32_t shift = stream->smallest_shift + (int32_t)take(&reader, stream->shift_bits);
    const int32_t step = -shift - stream->exact;
    record->shift = shift;
    if (shift < SMALLEST_SHIFT || shift > LARGEST_SHIFT || record->multiplier < 0) {
        return false;
    }
    uint32_t number;
    const bool is_short = take_short_number(&reader, stream->order, &number);
    stream->reader = reader;
    if (!is_short && !take_number(&stream->reader, stream->order, &number)) {
        return false;
    }
    record->bias = (int32_t)((uint32_t)unzigzag(number) << (step > 0 ? step : 0));
    return stream->reader.bits >= 0;
}
