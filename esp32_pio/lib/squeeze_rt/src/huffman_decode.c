/* A code table read, checked and made into a decoder. */
#include "huffman_decode.h"

#include "bit_reader.h"
#include "sqz_once.h"

#define MOST_RUNS 16 /* runs of 0 to 15 zeros */
#define PAIRS     7u /* in the place of a number of low bits */

/* A code table while it is read. */
typedef struct {
    bit_reader reader;
    uint16_t *symbols; /* as they come */
    uint32_t count;
    int32_t longest;
    uint32_t low_bits; /* or PAIRS */
} table_reader;

/* Reads the lengths of the symbols of `value` after first_run to last_run zeros. *guess is what the first one's length
 * is likely to be, and becomes what it is. */
static bool read_column(
    table_reader *table, int32_t value, int32_t first_run, int32_t last_run, int32_t *guess) {
    int32_t length = *guess;
    if (table->low_bits == PAIRS && last_run > 0) {
        return false;
    }
    for (int32_t run = first_run; run <= last_run; run++) {
        length += unzigzag(sqz_take_short_unary(&table->reader));
        if (run == first_run) {
            *guess = length;
        }
        if (length < 1 || length > table->longest + 1) {
            return false;
        }
        if (length > table->longest) {
            continue; /* does not occur */
        }
        if (table->count == SQZ_MAX_SYMBOLS) {
            return false;
        }
        table->symbols[table->count++] = (uint16_t)((uint32_t)value << 8 | (uint32_t)(run << 4 | length));
    }
    return true;
}

/* Reads how long code words are, and the low bits behind them. False: code word and low bits are too long. */
static bool read_sizes(table_reader *table) {
    table->longest = (int32_t)sqz_take_bits(&table->reader, 4);
    table->low_bits = 0;
    if (table->longest != 0) {
        return true;
    }
    table->low_bits = sqz_take_bits(&table->reader, 3);
    table->longest = (int32_t)sqz_take_bits(&table->reader, 4);
    return table->low_bits == PAIRS ||
           (table->low_bits != 0 && (uint32_t)table->longest + table->low_bits <= SQZ_MAX_CODE_LENGTH);
}

/* Whether there are no other weights than of 8 bits (and 128) between the first and the last value. */
static bool values_ok(const table_reader *table, int32_t first, int32_t last) {
    const bool pairs = table->low_bits == PAIRS;
    const int32_t most = 128 >> (pairs ? 2u : table->low_bits);
    return first >= -most && last + pairs <= most && last <= 127;
}

/* Reads the table's symbols, by value and run; false: it is no table. */
static bool read_table(table_reader *table) {
    bit_reader *const reader = &table->reader;
    const int32_t first = (int32_t)sqz_take_bits(reader, 8) - 128,
                  last = first + (int32_t)sqz_take_bits(reader, 8);
    if (!read_sizes(table) || !values_ok(table, first, last)) {
        return false;
    }
    const bool even = sqz_take_bits(reader, 1) != 0;
    int32_t last_run = even ? (int32_t)sqz_take_bits(reader, 4) : 0, guess = table->longest;
    for (int32_t value = first; value <= last; value++) {
        if (value == 0) {
            const int32_t least = (int32_t)sqz_take_bits(reader, 4), most = (int32_t)sqz_take_bits(reader, 4);
            int32_t zeros_guess = 1;
            if (!read_column(table, 0, least, most, &zeros_guess)) {
                return false;
            }
            continue;
        }
        if (!even) {
            last_run += unzigzag(sqz_take_unary(reader));
        }
        if (last_run < -1 || last_run >= MOST_RUNS || !read_column(table, value, 0, last_run, &guess)) {
            return false;
        }
    }
    return reader->bits >= 0;
}

/* Sorts the `count` symbols that are in `lookup` by length into `symbols`, and gives each length its level. False:
 * their lengths are not those of a complete prefix code. */
static bool make_levels(huffman_decoder *decoder, uint32_t count) {
    uint16_t next[SQZ_MAX_CODE_LENGTH + 2] = {0}; /* place of the next symbol of each length */
    for (uint32_t i = 0; i < count; i++) {
        next[(decoder->lookup[i] & 15u) + 1u]++;
    }
    uint32_t word = 0; /* the next code word, left-justified in 16 bits */
    for (uint32_t length = 1; length <= SQZ_MAX_CODE_LENGTH; length++) {
        const uint32_t words = next[length + 1u];
        next[length + 1u] += next[length];
        decoder->levels[length].place = (int16_t)(next[length] - (int32_t)(word >> (16u - length)));
        word += words << (16u - length);
        decoder->levels[length].last = (uint16_t)(word - 1u);
        if (word > 0x10000u) {
            return false;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        decoder->symbols[next[decoder->lookup[i] & 15u]++] = decoder->lookup[i];
    }
    return word == 0x10000u;
}

/* A symbol as the decoder keeps it, from one with the length of its code word alone. */
static uint16_t with_low_bits(uint16_t symbol, uint32_t low_bits) {
    const int32_t value = (int16_t)symbol >> 8;
    if (low_bits == PAIRS) {
        return (uint16_t)((uint32_t)value << 10 | ((symbol & 15u) + 2u * HUFFMAN_PAIR_LOW_BITS));
    }
    if (value == 0) {
        return symbol;
    }
    const uint32_t above = value > 0; /* there is no class of the value 0 */
    const uint32_t first = (((uint32_t)value - above) << low_bits) + above;
    return (uint16_t)(first << 8 | ((symbol & 0xFFu) + low_bits));
}

/* Code words come in the order of `symbols`: a short one starts a run of windows, long ones share one. */
void sqz_huffman_look_up(huffman_decoder *decoder, uint32_t long_shift, uint32_t long_mark) {
    uint16_t *entry = decoder->lookup; /* the next one to be made */
    uint32_t word = 0;                 /* left-justified in 16 bits */
    uint32_t low_bits = decoder->low == HUFFMAN_PAIRS ? PAIRS : 0;
    for (int32_t mask = decoder->low; mask > 0; mask >>= 1) {
        low_bits++;
    }
    for (uint16_t *symbol = decoder->symbols; symbol < decoder->symbols + decoder->count; symbol++) {
        const uint32_t length = *symbol & 15u;
        word += 0x10000u >> length;
        if (low_bits != 0) {
            *symbol = with_low_bits(*symbol, low_bits);
        }
        const uint16_t *end = decoder->lookup + ((word + 0xFFu) >> (16u - HUFFMAN_LOOKUP_BITS));
        const bool is_long = length - 1u >= HUFFMAN_LOOKUP_BITS; /* or of no bits */
        const uint16_t made = is_long ? (uint16_t)(length << long_shift | long_mark) : *symbol;
        while (entry < end) {
            *entry++ = made;
        }
    }
}

/* The only symbol takes no bits, whatever the window is. */
static void make_single(huffman_decoder *decoder) {
    decoder->symbols[0] = decoder->lookup[0] & 0xFFF0u;
    decoder->levels[0] = (huffman_level){.last = 0xFFFFu, .place = 0};
}

sqz_status sqz_huffman_start(huffman_decoder *decoder, const uint8_t *table, const uint8_t *blob_end,
    const uint8_t *code, size_t code_bytes) {
    table_reader reader = {.reader = sqz_read_bits_from(table, blob_end), .symbols = decoder->lookup};
    if (!read_table(&reader) || code_bytes % sizeof(uint16_t) != 0) {
        return SQZ_ERR_CODE;
    }
    if (reader.count == 1 && code_bytes == 0 && reader.low_bits == 0) {
        make_single(decoder);
    } else if (!make_levels(decoder, reader.count)) {
        return SQZ_ERR_CODE;
    }
    decoder->count = (uint16_t)reader.count;
    decoder->next = (const uint16_t *)code;
    decoder->end = decoder->next + code_bytes / sizeof(uint16_t);
    decoder->window = 0;
    decoder->spare = -16;
    decoder->low = (int16_t)(reader.low_bits == PAIRS ? HUFFMAN_PAIRS : (1 << reader.low_bits) - 1);
    decoder->zeros = 0;
    decoder->value = 0;
    return SQZ_OK;
}

sqz_status sqz_huffman_finish(const huffman_decoder *decoder) {
    const bool done = decoder->next == decoder->end && decoder->spare < 0 && decoder->value == 0;
    return done ? SQZ_OK : SQZ_ERR_CODE;
}
