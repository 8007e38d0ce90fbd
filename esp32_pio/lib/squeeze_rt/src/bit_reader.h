/* Internal: bits of a stream, most significant bit first in 16-bit units, as in sqz_format.h. */
#ifndef BIT_READER_H
#define BIT_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* In the middle of a stream. Past its end come zeros without end. */
typedef struct {
    const uint16_t *next; /* first unit not yet in `window` */
    const uint16_t *end;
    uint32_t window; /* unread bits, left-justified; zeros follow them */
    int32_t bits;    /* how many; negative: so many were read past the end */
} bit_reader;

/* Reads from `first` (2-byte aligned) on, and never at or behind `end`. */
bit_reader sqz_read_bits_from(const uint8_t *first, const uint8_t *end);

/* The next `count` bits, 0 to 16. */
uint32_t sqz_take_bits(bit_reader *reader, uint32_t count);

/* The next `count` bits, 0 to 32. */
uint32_t sqz_take_long(bit_reader *reader, uint32_t count);

/* The number of zeros before the next one, which is taken, too; more than 32 of them count as 33. */
uint32_t sqz_take_unary(bit_reader *reader);

/* The same, where few zeros are likely. */
static inline uint32_t sqz_take_short_unary(bit_reader *reader) {
    if (reader->window == 0) {
        return sqz_take_unary(reader);
    }
    const uint32_t zeros = (uint32_t)__builtin_clz(reader->window); /* the one behind them has been read */
    reader->window = reader->window << zeros << 1;
    reader->bits -= (int32_t)zeros + 1;
    return zeros;
}

/* 0, 1, 2, 3, 4, ... stand for 0, -1, 1, -2, 2, ... */
static inline int32_t unzigzag(uint32_t code) {
    return (int32_t)(code >> 1 ^ (0u - (code & 1u)));
}

#endif
