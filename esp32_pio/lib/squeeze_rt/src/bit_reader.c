/* Bits out of a stream of 16-bit units; past its end there are zeros. */
#include "bit_reader.h"
#include "sqz_once.h"

#define MOST_ZEROS 33u

bit_reader sqz_read_bits_from(const uint8_t *first, const uint8_t *end) {
    const uint16_t *units = (const uint16_t *)first;
    return (bit_reader){units, units + (size_t)(end - first) / sizeof *units, 0, 0};
}

static inline void refill(bit_reader *reader) {
    if (reader->bits < 16 && reader->next < reader->end) {
        reader->window |= (uint32_t)*reader->next++ << (16 - reader->bits);
        reader->bits += 16;
    }
}

static inline void drop(bit_reader *reader, uint32_t count) {
    reader->window <<= count;
    reader->bits -= (int32_t)count;
}

SQZ_ONCE uint32_t sqz_take_bits(bit_reader *reader, uint32_t count) {
    if (count == 0) {
        return 0;
    }
    refill(reader);
    const uint32_t taken = reader->window >> (32u - count);
    drop(reader, count);
    return taken;
}

SQZ_ONCE uint32_t sqz_take_long(bit_reader *reader, uint32_t count) {
    if (count <= 16u) {
        return sqz_take_bits(reader, count);
    }
    const uint32_t high = sqz_take_bits(reader, count - 16u);
    return high << 16 | sqz_take_bits(reader, 16);
}

SQZ_ONCE uint32_t sqz_take_unary(bit_reader *reader) {
    uint32_t zeros = 0;
    refill(reader);
    while (reader->window == 0 && zeros < MOST_ZEROS) { /* all that the window holds, at most 31 */
        const uint32_t held = reader->bits > 0 ? (uint32_t)reader->bits : MOST_ZEROS;
        zeros += held;
        drop(reader, held < 31u ? held : 31u);
        refill(reader);
    }
    if (zeros >= MOST_ZEROS) {
        return MOST_ZEROS;
    }
    const uint32_t rest = (uint32_t)__builtin_clz(reader->window);
    drop(reader, rest);
    drop(reader, 1);
    zeros += rest;
    return zeros < MOST_ZEROS ? zeros : MOST_ZEROS;
}
