/* Internal: one filter at a time from the coded weights, its taps in sequence (sum_taps.h). */
#ifndef FILTER_DECODE_H
#define FILTER_DECODE_H

#include <stdbool.h>

#include "assembler.h"
#include "huffman_decode.h"
#include "sqz_once.h"
#include "tap_lists.h"

/*
 * A convolution's stream of weights. `inputs` has a word for each position in a filter: the largest value of its
 * input channel << 16 | where the input lies, in words from the window's first.
 */
typedef struct {
    huffman_decoder decoder;
    uint32_t *inputs;
    uint32_t weights; /* of a filter, zeros included */
    /* list_decode.h */
    tap_lists *lists;
    uint32_t *last_marks; /* where those of one chunk more than there may be would begin */
    uint32_t low;         /* on Xtensa: what comes after the decoder's window */
    /* Unless it is 0: a chunk ends before the tap with which its symbols get to this, each counting 2048 for its list
     * and 64 for each weight that it stands for. So inputs need not be looked at one by one: the chunk's weights are
     * at most chunk_limit / 4096 - 1. */
    uint32_t chunk_limit;
} filter_stream;

/*
 * Decodes the next filter into `taps`, `limit` words (3 or more): taps from the first word on, the list of chunks from
 * the last one down. *negative becomes what all negative taps can add up to.
 * SQZ_ERR_CODE: the code ends early, or the filter takes more words.
 */
sqz_status sqz_decode_filter(filter_stream *stream, uint32_t *taps, uint32_t limit, uint32_t *negative);

/*
 * The same where the code is of pairs. Such weights are seldom 0: the taps are stream->inputs, each with its weight
 * in the place of its largest value, which sqz_start_pairs() has put at `taps`, a byte for each weight. The list of
 * chunks is as above. A chunk ends between pairs.
 */
sqz_status sqz_decode_pairs(filter_stream *stream, uint32_t *taps, uint32_t limit, uint32_t *negative);

/* SQZ_ERR_CODE: `taps` has no room, or half a pair would be left of a filter. */
SQZ_ONCE sqz_status sqz_start_pairs(const filter_stream *stream, uint32_t *taps, uint32_t limit);

/* The next symbol: a run of zeros is added to *position, and *value comes after it; if that is 0, it is one more
 * zero and counted, too. False: the code ended before. */
bool sqz_next_symbol(huffman_decoder *decoder, uint32_t *position, int32_t *value);

/* The next two weights of a code of pairs. False: the code ended before. */
bool sqz_next_pair(huffman_decoder *decoder, int32_t weights[2]);

/* SQZ_OK when nothing but padding is left. */
sqz_status sqz_finish_filter(const filter_stream *stream);

#if defined(__XTENSA__)

/* For the decoders in assembler: 64 bits are in the window and in `low`, `spare` of which are used up. */
SQZ_ONCE void sqz_start_window(filter_stream *stream);

#endif
#if SQZ_ASSEMBLER

/* Bits of the code that are unused; fewer than 0: more than there are have been used. */
int32_t sqz_bits_left(const huffman_decoder *decoder);

#endif
#endif
