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

sqz_status huffman_start(
    huffman_decoder *decoder, const uint8_t *table, const uint8_t *code, size_t code_bytes) {
    const int32_t first = (int8_t)table[0];
    const uint32_t count = table[1] + 1u;
    uint32_t words[SQZ_MAX_CODE_LENGTH + 1] = {0}; /* code words of each length */

    memset(decoder, 0, sizeof *decoder);
    if (first + (int32_t)count > 128 || code_bytes > UINT32_MAX / 8u)
        return SQZ_ERR_CODE;
    for (uint32_t i = 0; i < count; i++)
        words[code_length(table, i)]++;
    words[0] = 0;

    uint32_t value = 0; /* next code word, left-justified in 16 bits */
    int32_t place = 0;
    for (uint32_t length = 1; length <= SQZ_MAX_CODE_LENGTH; length++) {
        decoder->place[length] = place - (int32_t)(value >> (16u - length));
        for (uint32_t i = 0; i < count; i++)
            if (code_length(table, i) == length)
                decoder->symbols[place++] = (int8_t)(first + (int32_t)i);
        value += words[length] << (16u - length);
        if (value > 0x10000u)
            return SQZ_ERR_CODE;
        decoder->limit[length] = value;
    }
    decoder->single = place == 1;
    if (place == 0 || (decoder->single ? code_bytes != 0 : value != 0x10000u))
        return SQZ_ERR_CODE;
    decoder->next = code;
    decoder->end = code + code_bytes;
    decoder->bits_left = (uint32_t)code_bytes * 8u;
    return SQZ_OK;
}

sqz_status huffman_next(huffman_decoder *decoder, int8_t *weight) {
    if (decoder->single) {
        *weight = decoder->symbols[0];
        return SQZ_OK;
    }
    while (decoder->window_bits <= 24u && decoder->next < decoder->end) {
        decoder->window |= (uint32_t)*decoder->next++ << (24u - decoder->window_bits);
        decoder->window_bits += 8u;
    }
    const uint32_t word = decoder->window >> 16;
    uint32_t length = 1;
    while (word >= decoder->limit[length]) /* ends: a complete code's last limit is 0x10000 */
        length++;
    if (length > decoder->window_bits)
        return SQZ_ERR_CODE;
    *weight = decoder->symbols[(int32_t)(word >> (16u - length)) + decoder->place[length]];
    decoder->window <<= length;
    decoder->window_bits -= length;
    decoder->bits_left -= length;
    return SQZ_OK;
}

sqz_status huffman_finish(const huffman_decoder *decoder) {
    return decoder->bits_left < 8u ? SQZ_OK : SQZ_ERR_CODE;
}
