/* One symbol after the other, out of the window of a decoder. */
#include "filter_decode.h"

/* The symbol that the window starts with, when its code word is longer than the lookup's, or of no bits at all. */
static uint32_t long_word(const huffman_decoder *decoder, uint32_t least) {
    const uint32_t word = decoder->window >> 16;
    uint32_t length = least;
    while (word > decoder->levels[length].last) { /* ends: a complete code's last word is all ones */
        length++;
    }
    const int32_t value = length == 0 ? 0 : (int32_t)(word >> (16u - length));
    return decoder->symbols[value + decoder->levels[length].place];
}

/* Puts 16 bits or more into the window. */
static void refill(huffman_decoder *decoder) {
    if (decoder->spare < 0 && decoder->next != decoder->end) {
        decoder->window |= (uint32_t)*decoder->next++ << -decoder->spare;
        decoder->spare += 16;
    }
}

/* Takes at most 16 bits out of it. False: the code ended before. */
static bool drop(huffman_decoder *decoder, uint32_t bits) {
    decoder->window <<= bits;
    decoder->spare -= (int32_t)bits;
    return decoder->spare >= -16;
}

bool sqz_next_symbol(huffman_decoder *decoder, uint32_t *position, int32_t *value) {
    refill(decoder);
    uint32_t symbol = decoder->lookup[decoder->window >> (32 - HUFFMAN_LOOKUP_BITS)];
    if ((symbol & 15u) == 0) {
        symbol = long_word(decoder, symbol >> 4);
    }
    *value = (int16_t)symbol >> 8;
    *position += (symbol >> 4 & 15u) + (*value == 0);
    if (*value != 0 && decoder->low != 0) {
        *value += (int32_t)(decoder->window >> (32u - (symbol & 15u))) & decoder->low;
    }
    return drop(decoder, symbol & 15u);
}

bool sqz_next_pair(huffman_decoder *decoder, int32_t weights[2]) {
    const uint32_t low_bits = HUFFMAN_PAIR_LOW_BITS;
    refill(decoder);
    const uint32_t low = decoder->window >> (32u - 2u * low_bits);
    if (!drop(decoder, 2u * low_bits)) {
        return false;
    }
    refill(decoder);
    uint32_t symbol = decoder->lookup[decoder->window >> (32 - HUFFMAN_LOOKUP_BITS)];
    if ((symbol & 31u) == 0) {
        symbol = long_word(decoder, symbol >> 5);
    }
    weights[0] = ((int16_t)symbol >> 13) * (1 << low_bits) + (int32_t)(low >> low_bits);
    weights[1] = ((int16_t)(symbol << 3) >> 13) * (1 << low_bits) + (int32_t)(low & ((1u << low_bits) - 1u));
    return drop(decoder, (symbol & 31u) - 2u * low_bits);
}
