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

/* Code words come in the order of `symbols`; one of `length` bits starts 2^(8 - length) windows. */
static void make_lookup(huffman_decoder *decoder, const uint32_t *words) {
    int16_t *entry = decoder->lookup;
    const int8_t *symbol = decoder->symbols;
    for (uint32_t length = 1; length <= HUFFMAN_LOOKUP_BITS; length++)
        for (uint32_t i = 0; i < words[length]; i++, symbol++) {
            const int16_t *end = entry + (1u << (HUFFMAN_LOOKUP_BITS - length));
            while (entry < end)
                *entry++ = (int16_t)(*symbol * 256 + (int32_t)length);
        }
}

/* The only symbol takes no bits: whatever the window is, it comes next, or there are zeros without end. */
static void make_single(huffman_decoder *decoder) {
    const int32_t symbol = decoder->symbols[0];
    decoder->zeros = symbol == 0 ? INT32_MAX : 0;
    for (uint32_t i = 0; i < 1u << HUFFMAN_LOOKUP_BITS; i++)
        decoder->lookup[i] = (int16_t)(symbol * 256);
}

sqz_status huffman_start(
    huffman_decoder *decoder, const uint8_t *table, const uint8_t *code, size_t code_bytes) {
    const int32_t first = (int8_t)table[0];
    const uint32_t count = table[1] + 1u;
    uint32_t words[SQZ_MAX_CODE_LENGTH + 1] = {0}; /* code words of each length */

    memset(decoder, 0, sizeof *decoder);
    if (first + (int32_t)count > 128 || code_bytes % sizeof(uint16_t) != 0)
        return SQZ_ERR_CODE;
    for (uint32_t i = 0; i < count; i++)
        words[code_length(table, i)]++;
    words[0] = 0;

    uint32_t value = 0; /* next code word, left-justified in 16 bits */
    int32_t place = 0;
    for (uint32_t length = 1; length <= SQZ_MAX_CODE_LENGTH; length++) {
        decoder->place[length] = (int16_t)(place - (int32_t)(value >> (16u - length)));
        for (uint32_t i = 0; words[length] != 0 && i < count; i++)
            if (code_length(table, i) == length)
                decoder->symbols[place++] = (int8_t)(first + (int32_t)i);
        value += words[length] << (16u - length);
        if (value > 0x10000u)
            return SQZ_ERR_CODE;
        decoder->limit[length] = value;
    }
    if (place == 0 || (place == 1 ? code_bytes != 0 : value != 0x10000u))
        return SQZ_ERR_CODE;
    if (place == 1) {
        make_single(decoder);
    } else {
        decoder->runs = words[1] == 1 && decoder->symbols[0] == 0;
        make_lookup(decoder, words);
    }
    decoder->next = (const uint16_t *)code;
    decoder->end = decoder->next + code_bytes / sizeof(uint16_t);
    return SQZ_OK;
}

sqz_status huffman_finish(const huffman_decoder *decoder) {
    return decoder->next < decoder->end || decoder->bits >= 16 ? SQZ_ERR_CODE : SQZ_OK;
}
