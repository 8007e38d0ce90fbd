/* Bias, multiplier and shift of one filter after the other, out of their coded stream. */
#include "filter_records.h"

#define LARGEST_SHIFT   30
#define SMALLEST_SHIFT  -31
#define MULTIPLIER_BITS 31u
#define NUMBER_BITS     32u

/* Bits, more than are looked at for a record whose bias is short. */
#define NEAR_THE_END 128u

static uint32_t position_of(const record_stream *stream, const bit_reader *reader) {
    return 16u * (uint32_t)(reader->next - stream->units) - (uint32_t)reader->bits;
}

bool sqz_start_records(record_stream *stream, const uint8_t *blob, const uint8_t *blob_end, uint32_t offset) {
    const uint32_t blob_bytes = (uint32_t)(blob_end - blob);
    if (offset % sizeof(uint16_t) != 0 || offset > blob_bytes) {
        return false;
    }
    bit_reader from = sqz_read_bits_from(blob + offset, blob_end), *const reader = &from;
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
    stream->units = (const uint16_t *)(blob + offset);
    stream->end = reader->end;
    stream->position = position_of(stream, reader);
    const uint32_t bits = 16u * (uint32_t)(stream->end - stream->units);
    stream->last = bits < NEAR_THE_END ? 0 : bits - NEAR_THE_END;
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

/* Whether the numbers are in their ranges; the bias from its code. */
static inline bool finish_record(const record_stream *stream, filter_record *record, uint32_t number) {
    if (record->shift < SMALLEST_SHIFT || record->shift > LARGEST_SHIFT || record->multiplier < 0) {
        return false;
    }
    const int32_t step = -record->shift - stream->exact;
    record->bias = (int32_t)((uint32_t)unzigzag(number) << (step > 0 ? step : 0));
    return true;
}

/* Any record, near the end, too. */
SQZ_ONCE __attribute__((noinline)) static bool next_record_slowly(
    record_stream *stream, filter_record *record) {
    bit_reader reader = sqz_read_bits_from(
        (const uint8_t *)(stream->units + stream->position / 16u), (const uint8_t *)stream->end);
    sqz_take_bits(&reader, stream->position % 16u);
    const uint32_t first = sqz_take_long(&reader, stream->count == 0 ? MULTIPLIER_BITS : stream->index_bits);
    if (stream->count != 0 && first >= stream->count) {
        return false;
    }
    record->multiplier = stream->count == 0 ? (int32_t)first : stream->multipliers[first];
    record->shift = stream->smallest_shift + (int32_t)sqz_take_bits(&reader, stream->shift_bits);
    uint32_t number;
    const bool ok = take_number(&reader, stream->order, &number) && reader.bits >= 0;
    stream->position = position_of(stream, &reader);
    return ok && finish_record(stream, record, number);
}

/* The 32 bits from `position` on. */
static inline uint32_t look(const record_stream *stream, uint32_t position) {
    const uint16_t *units = stream->units + position / 16u;
    const uint32_t used = position % 16u;
    return ((uint32_t)units[0] << 16 | units[1]) << used | (uint32_t)units[2] >> (16u - used);
}

bool sqz_next_record(record_stream *stream, filter_record *record) {
    uint32_t position = stream->position;
    if (position >= stream->last) {
        return next_record_slowly(stream, record);
    }
    const uint32_t first = look(stream, position) >> 1;
    if (stream->count == 0) {
        record->multiplier = (int32_t)first;
        position += MULTIPLIER_BITS;
    } else {
        const uint32_t index = first >> (MULTIPLIER_BITS - stream->index_bits);
        if (index >= stream->count) {
            return false;
        }
        record->multiplier = stream->multipliers[index];
        position += stream->index_bits;
    }
    const uint32_t rest = look(stream, position), shift_bits = stream->shift_bits;
    record->shift = stream->smallest_shift + (int32_t)(rest >> 1 >> (31u - shift_bits));
    const uint32_t code = rest << shift_bits;
    const uint32_t zeros = (uint32_t)__builtin_clz(code | 1u), digits = zeros + stream->order;
    if (shift_bits + zeros + 1u + digits > 32u) {
        return next_record_slowly(stream, record);
    }
    stream->position = position + shift_bits + zeros + 1u + digits;
    return finish_record(stream, record, (code << zeros >> (31u - digits)) - (1u << stream->order));
}
