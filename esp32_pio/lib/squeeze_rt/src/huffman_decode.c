#include "huffman_decode.h"

#include <string.h>

static uint32_t code_length(const uint8_t *table, uint32_t index) {
    return (table[2 + (index >> 1)] >> (4 * (index & 1u))) & 15u;
}

size_t huffman_table_bytes(const uint8_t *table, size_t available) {
    if (available < 2)
        return 0;
    const size_t bytes = 2u + (table[1] + 2u) / 2u;
    return bytes <= available ? bytes : 0;
}

/* Fills the entries of all windows that start with the `used` bits of `prefix`. */
static void fill_lookup(huffman_decoder *decoder, uint32_t prefix, uint32_t used, uint32_t entry) {
    const uint32_t first = prefix << (HUFFMAN_LOOKUP_BITS - used);
    const uint32_t count = 1u << (HUFFMAN_LOOKUP_BITS - used);
    for (uint32_t i = first; i < first + count; i++)
        decoder->lookup[i] = (int16_t)entry;
}

/* Windows that start with 0, 1, 2, ... code words of zero, each followed by any symbol whose code word fits. */
static void make_lookup(
    huffman_decoder *decoder, const uint32_t *words, uint32_t zero_word, uint32_t zero_length) {
    uint32_t prefix = 0, used = 0, zeros = 0;
    do {
        fill_lookup(decoder, prefix, used, used << 4 | zeros);
        const int8_t *symbol = decoder->symbols;
        uint32_t word = 0;
        for (uint32_t length = 1; used + length <= HUFFMAN_LOOKUP_BITS; length++, word <<= 1)
            for (uint32_t i = 0; i < words[length]; i++, word++, symbol++)
                fill_lookup(decoder, prefix << length | word, used + length,
                    (uint32_t)(uint8_t)*symbol << 8 | (used + length) << 4 | zeros);
        prefix = prefix << zero_length | zero_word;
        used += zero_length;
        zeros++;
    } while (zero_length != 0 && used <= HUFFMAN_LOOKUP_BITS);
}

/* The only symbol takes no bits: every window says that it is next. One bit that is never read keeps the decoder
 * from looking for more. */
static void make_single(huffman_decoder *decoder) {
    const int32_t symbol = decoder->symbols[0];
    fill_lookup(decoder, 0, 0, symbol == 0 ? HUFFMAN_MOST_ZEROS : (uint32_t)(uint8_t)symbol << 8);
    decoder->bits = 1;
}

sqz_status huffman_start(
    huffman_decoder *decoder, const uint8_t *table, const uint8_t *code, size_t code_bytes) {
    const int32_t first = (int8_t)table[0];
    const uint32_t count = table[1] + 1u;
    uint32_t words[SQZ_MAX_CODE_LENGTH + 1] = {0}; /* code words of each length */
    uint32_t zero_word = 0, zero_length = 0;

    memset(decoder, 0, sizeof *decoder);
    if (first + (int32_t)count > 128 || code_bytes % sizeof(uint16_t) != 0)
        return SQZ_ERR_CODE;
    for (uint32_t i = 0; i < count; i++)
        words[code_length(table, i)]++;
    words[0] = 0;

    uint32_t value = 0; /* next code word, left-justified in 16 bits */
    int32_t place = 0;
    for (uint32_t length = 1; length <= SQZ_MAX_CODE_LENGTH; length++) {
        const uint32_t word = value >> (16u - length);
        decoder->place[length] = (int16_t)(place - (int32_t)word);
        const int32_t start = place;
        for (uint32_t i = 0; words[length] != 0 && i < count; i++)
            if (code_length(table, i) == length) {
                if (first + (int32_t)i == 0) {
                    zero_word = word + (uint32_t)(place - start);
                    zero_length = length;
                }
                decoder->symbols[place++] = (int8_t)(first + (int32_t)i);
            }
        value += words[length] << (16u - length);
        if (value > 0x10000u)
            return SQZ_ERR_CODE;
        decoder->limit[length] = value;
    }
    decoder->single = place == 1;
    if (place == 0 || (decoder->single ? code_bytes != 0 : value != 0x10000u))
        return SQZ_ERR_CODE;
    if (decoder->single)
        make_single(decoder);
    else
        make_lookup(decoder, words, zero_word, zero_length);
    decoder->next = (const uint16_t *)code;
    decoder->end = decoder->next + code_bytes / sizeof(uint16_t);
    return SQZ_OK;
}

int32_t huffman_long_word(const huffman_decoder *decoder, uint32_t window, uint32_t *length) {
    const uint32_t word = window >> 16;
    uint32_t l = HUFFMAN_LOOKUP_BITS + 1u;
    while (word >= decoder->limit[l]) /* ends: a complete code's last limit is 0x10000 */
        l++;
    *length = l;
    return decoder->symbols[(int32_t)(word >> (16u - l)) + decoder->place[l]];
}

/* The last lookup may have read zeros of the padding: at most 7 of them were not there. */
sqz_status huffman_finish(const huffman_decoder *decoder) {
    const bool unread = decoder->next < decoder->end || decoder->bits >= 16;
    return unread || decoder->bits < -(HUFFMAN_LOOKUP_BITS - 1) ? SQZ_ERR_CODE : SQZ_OK;
}
