/* Internal: one filter at a time from the coded weights, in the form that summing wants. */
#ifndef FILTER_DECODE_H
#define FILTER_DECODE_H

#include "huffman_decode.h"

/* A convolution's stream of weights. */
typedef struct {
    huffman_decoder decoder;
    const uint32_t
        *inputs; /* by position in the filter: its channel's largest value << 16 | words from the window's
                               first word */
    uint32_t weights; /* of a filter, zeros included */
} filter_stream;

/*
 * Decodes the next filter into `taps`, at most `limit` words, itself at least 2: chunk after chunk a header, negative << 16 | count, and
 * `count` words, then a 0. A word is a tap, weight << 16 | words from the window's first word; a chunk is what a lane
 * has room for (see sum_taps.h), `negative` the sum of |weight| x largest value of its negative taps. *negative
 * becomes that of all chunks. There is at least one chunk.
 * SQZ_ERR_CODE: the code ends early, or the filter takes more words.
 */
sqz_status decode_filter(filter_stream *stream, uint32_t *taps, uint32_t limit, uint32_t *negative);

#endif
