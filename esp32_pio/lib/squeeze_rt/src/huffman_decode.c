/* A code table read, checked and made into a decoder. */
#include "huffman_decode.h"

#include <string.h>

#include "bit_reader.h"

#define MOST_RUNS 16 /* runs of 0 to 15 zeros */

/* A code table while it is read. */
typedef struct {
    bit_reader reader;
    uint16_t *symbols; /* as they come */
    uint32_t count;
    int32_t longest;
} table_reader;

/* Reads the lengths of the symbols of `value` after first_run to last_run zeros. *guess is what the first one's length
 * is likely to be, and becomes what it is. */
static bool read_column(
    table_reader *table, int32_t value, int32_t first_run, int32_t last_run, int32_t *guess) {
    int32_t length = *guess;
    for (int32_t run = first_run; run <= last_run; run++) {
        length += unzigzag(sqz_take_unary(&table->reader));
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

/* Reads the table's symbols, by value and run; false: it is no table. */
static bool read_table(table_reader *table) {
    bit_reader *const reader = &table->reader;
    const int32_t first = (int32_t)sqz_take_bits(reader, 8) - 128,
                  last = first + (int32_t)sqz_take_bits(reader, 8);
    table->longest = (int32_t)sqz_take_bits(reader, 4);
    const bool even = sqz_take_bits(reader, 1) != 0;
    int32_t last_run = even ? (int32_t)sqz_take_bits(reader, 4) : 0, guess = table->longest;
    if (last > 127) {
        return false;
    }
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

/* Code words come in the order of `symbols`: a short one starts a run of windows, long ones share one. */
static void make_lookup(huffman_decoder *decoder, uint32_t count) {
    uint16_t *entry = decoder->lookup; /* the next one to be made */
    uint32_t word = 0;                 /* left-justified in 16 bits */
    for (const uint16_t *symbol = decoder->symbols; symbol < decoder->symbols + count; symbol++) {
        const uint32_t length = *symbol & 15u;
        word += 0x10000u >> length;
        const uint16_t *end = decoder->lookup + ((word + 0xFFu) >> (16u - HUFFMAN_LOOKUP_BITS));
        const uint16_t made = length > HUFFMAN_LOOKUP_BITS ? (uint16_t)(length << 4) : *symbol;
        while (entry < end) {
            *entry++ = made;
        }
    }
}

/* The only symbol takes no bits, whatever the window is. */
static void make_single(huffman_decoder *decoder) {
    decoder->symbols[0] = decoder->lookup[0] & 0xFFF0u;
    decoder->levels[0] = (huffman_level){.last = 0xFFFFu, .place = 0};
    memset(decoder->lookup, 0, sizeof decoder->lookup);
}

sqz_status sqz_huffman_start(huffman_decoder *decoder, const uint8_t *table, const uint8_t *blob_end,
    const uint8_t *code, size_t code_bytes) {
    table_reader reader = {.reader = sqz_read_bits_from(table, blob_end), .symbols = decoder->lookup};
    if (!read_table(&reader) || code_bytes % sizeof(uint16_t) != 0) {
        return SQZ_ERR_CODE;
    }
    if (reader.count == 1 && code_bytes == 0) {
        make_single(decoder);
    } else if (make_levels(decoder, reader.count)) {
        make_lookup(decoder, reader.count);
    } else {
        return SQZ_ERR_CODE;
    }
    decoder->count = reader.count;
    decoder->next = (const uint16_t *)code;
    decoder->end = decoder->next + code_bytes / sizeof(uint16_t);
    decoder->window = 0;
    decoder->spare = -16;
    decoder->zeros = 0;
    decoder->value = 0;
    return SQZ_OK;
}

sqz_status sqz_huffman_finish(const huffman_decoder *decoder) {
    const bool done = decoder->next == decoder->end && decoder->spare < 0 && decoder->value == 0;
    return done ? SQZ_OK : SQZ_ERR_CODE;
}
