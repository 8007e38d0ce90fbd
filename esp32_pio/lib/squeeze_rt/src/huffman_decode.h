/* Canonical Huffman decoding of a convolution's weights; table and stream as in sqz_format.h. */
#ifndef HUFFMAN_DECODE_H
#define HUFFMAN_DECODE_H

#include <stddef.h>

#include "squeeze_rt.h"
#include "sqz_format.h"

#define HUFFMAN_LOOKUP_BITS 8

/* The code words of one length: the last one, left-justified in 16 bits and followed by ones, and what to add to a
 * code word's value to find its place in `symbols`. */
typedef struct {
    uint16_t last;
    int16_t place;
} huffman_level;

#define HUFFMAN_PAIRS         (-1)
#define HUFFMAN_PAIR_LOW_BITS 5 /* of each weight */

/*
 * A decoder in the middle of a stream: about 1,100 bytes, kept on the caller's stack. A symbol is kept as
 * value << 8 | run << 4 | length of its code word; with low bits the value is the first one of its class, and the
 * length is that of code word and low bits; a pair of weights is kept as upper bits << 13 | upper bits << 10 | length
 * of code word and low bits.
 */
typedef struct {
    const uint16_t *next; /* first unit not yet in `window` */
    const uint16_t *end;
    uint32_t window; /* unread bits, left-justified; zeros follow the stream's last unit */
    int32_t spare;   /* unread bits in it, less the 16 that a symbol wants to see */
    /* What is left of a symbol that reaches into the next filter. */
    uint32_t zeros;
    int32_t value; /* after them; 0: no weight follows */
    huffman_level levels[SQZ_MAX_CODE_LENGTH + 1];
    /* The symbol that a code word of at most 8 bits stands for, by these bits; where it is longer, and where the only
     * symbol takes no bits at all, least possible length << 4, of pairs << 5. */
    uint16_t lookup[1u << HUFFMAN_LOOKUP_BITS];
    uint16_t symbols[SQZ_MAX_SYMBOLS]; /* by length, then by value, then by run */
    int16_t low;                       /* mask of a weight's low bits, or HUFFMAN_PAIRS */
    uint16_t count;                    /* of symbols */
} huffman_decoder;

/*
 * Starts decoding `code` (`code_bytes` long, 2-byte aligned) by the table at `table`, which ends before `blob_end`.
 * SQZ_ERR_CODE: that is no table, or no prefix code. There is no `lookup` yet.
 */
sqz_status sqz_huffman_start(huffman_decoder *decoder, const uint8_t *table, const uint8_t *blob_end,
    const uint8_t *code, size_t code_bytes);

/*
 * Makes `lookup`, which a decoder that was started needs, from `symbols`, whose lowest four bits are the lengths of
 * their code words: a long one's entry is its length << long_shift | long_mark, a short one's the symbol. Symbols with
 * low bits become what the decoder keeps.
 */
void sqz_huffman_look_up(huffman_decoder *decoder, uint32_t long_shift, uint32_t long_mark);

/* What it takes where nothing is remade. */
static inline uint32_t huffman_long_shift(const huffman_decoder *decoder) {
    return decoder->low == HUFFMAN_PAIRS ? 5 : 4;
}

/* SQZ_OK when nothing but padding is left. */
sqz_status sqz_huffman_finish(const huffman_decoder *decoder);

#endif
