/* Canonical Huffman decoding of a convolution's weights; table and stream as in sqz_format.h. */
#ifndef HUFFMAN_DECODE_H
#define HUFFMAN_DECODE_H

#include <stdbool.h>
#include <stddef.h>

#include "squeeze_rt.h"
#include "sqz_format.h"

/* A decoder in the middle of a stream: about 360 bytes, kept on the caller's stack. */
typedef struct {
    const uint8_t *next; /* first byte not yet in `window` */
    const uint8_t *end;
    uint32_t window;      /* unread bits, left-justified; zeros follow the stream's last byte */
    uint32_t window_bits; /* of them that came from the stream */
    uint32_t bits_left;   /* bits of the stream not yet consumed */
    bool single;          /* just one symbol occurs: it takes no bits */
    /* By code length l: left-justified 16-bit value just past the last code word of l bits, and what to add to the
     * code word's value to find its place in `symbols`. */
    uint32_t limit[SQZ_MAX_CODE_LENGTH + 1];
    int32_t place[SQZ_MAX_CODE_LENGTH + 1];
    int8_t symbols[256]; /* by length, then by value */
} huffman_decoder;

/* Bytes of the code table at `table`, or 0 when it does not end within `available` bytes. */
size_t huffman_table_bytes(const uint8_t *table, size_t available);

/* Starts decoding `code` (`code_bytes` long) by the checked table at `table`. SQZ_ERR_CODE: no prefix code. */
sqz_status huffman_start(
    huffman_decoder *decoder, const uint8_t *table, const uint8_t *code, size_t code_bytes);

/* Reads the next weight into *weight; SQZ_ERR_CODE past the end of the stream or at a word that is no code word. */
sqz_status huffman_next(huffman_decoder *decoder, int8_t *weight);

/* SQZ_OK when nothing but fewer than 8 padding bits is left. */
sqz_status huffman_finish(const huffman_decoder *decoder);

#endif
