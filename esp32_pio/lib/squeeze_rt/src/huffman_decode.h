/* Canonical Huffman decoding of a convolution's weights; table and stream as in sqz_format.h. */
#ifndef HUFFMAN_DECODE_H
#define HUFFMAN_DECODE_H

#include <stddef.h>

#include "squeeze_rt.h"
#include "sqz_format.h"

#define HUFFMAN_LOOKUP_BITS 8

/* A decoder in the middle of a stream: about 900 bytes, kept on the caller's stack. */
typedef struct {
    const uint16_t *next; /* first unit not yet in `window` */
    const uint16_t *end;
    uint32_t window; /* unread bits, left-justified; zeros follow the stream's last unit */
    int32_t bits;    /* unread bits in it */
    uint32_t zeros;  /* zero weights to come that are decoded already */
    uint32_t runs; /* not 0: zero has the code word 0, of one bit, so that a run of zeros is a run of bits */
    /* By code length l: left-justified 16-bit value just past the last code word of l bits, and what to add to the
     * code word's value to find its place in `symbols`. */
    uint32_t limit[SQZ_MAX_CODE_LENGTH + 1];
    int16_t place[SQZ_MAX_CODE_LENGTH + 1];
    /* The code word that a window starts with, by its first 8 bits: symbol << 8 | length. 0: it is longer. */
    int16_t lookup[1u << HUFFMAN_LOOKUP_BITS];
    int8_t symbols[256]; /* by length, then by value */
} huffman_decoder;

/* Bytes of the code table at `table`, or 0 when it does not end within `available` bytes. */
size_t huffman_table_bytes(const uint8_t *table, size_t available);

/* Starts decoding `code` (`code_bytes` long, 4-byte aligned) by the checked table at `table`. SQZ_ERR_CODE: no prefix
 * code. */
sqz_status huffman_start(
    huffman_decoder *decoder, const uint8_t *table, const uint8_t *code, size_t code_bytes);

/* SQZ_OK when nothing but padding is left. */
sqz_status huffman_finish(const huffman_decoder *decoder);

#endif
