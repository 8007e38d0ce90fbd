/* Internal: one filter at a time from the coded weights, in the form that summing wants. */
#ifndef FILTER_DECODE_H
#define FILTER_DECODE_H

#include <stdbool.h>

#include "huffman_decode.h"
#include "tap_lists.h"

/*
 * A convolution's stream of weights. `inputs` has a word for each position in a filter: the largest value of its
 * input channel << 16 | where the input lies, in words from the window's first.
 */
typedef struct {
    huffman_decoder decoder;
    const uint32_t *inputs;
    uint32_t weights; /* of a filter, zeros included */
    /* list_decode.h */
    tap_lists *lists;
    uint32_t *last_marks; /* where those of one chunk more than there may be would begin */
    uint32_t low;         /* what comes after the decoder's window */
    /* Unless it is 0: a chunk ends before the tap with which its symbols get to this, each counting 2048 for its list
     * and 64 for each weight that it stands for. So inputs need not be looked at: the chunk's weights are at most
     * chunk_limit / 4096 - 1. */
    uint32_t chunk_limit;
} filter_stream;

/*
 * Decodes the next filter into `taps`, at most `limit` words (2 or more). Chunk after chunk there come a header,
 * negative << 16 | count, and `count` taps, weight << 16 | where the input lies; after the last chunk a 0. A chunk is
 * what a lane has room for (sum_taps.h); `negative` is what its negative taps can add up to, and *negative becomes
 * that of all chunks. There is at least one chunk.
 * SQZ_ERR_CODE: the code ends early, or the filter takes more words.
 */
sqz_status sqz_decode_filter(filter_stream *stream, uint32_t *taps, uint32_t limit, uint32_t *negative);

/* The next symbol: a run of zeros is added to *position, and *value comes after it; if that is 0, it is one more
 * zero and counted, too. False: the code ended before. */
bool sqz_next_symbol(huffman_decoder *decoder, uint32_t *position, int32_t *value);

#endif
