/* Internal: a convolution's filters, one after the other, decoded into taps in sequence or in lists, as the op says. */
#ifndef FILTER_TAPS_H
#define FILTER_TAPS_H

#include "kernels.h"
#include "list_decode.h"

/* Starts a stream whose `inputs` and `weights` are set; `taps`: op->tap_words words. SQZ_ERR_CODE: see
 * huffman_decode.h; or code with low bits is to be put into lists. */
sqz_status sqz_start_filters(
    filter_stream *stream, const sqz_context *context, const sqz_op *op, uint32_t *taps);

/* The next filter's taps; *negative becomes what its negative ones can add up to. SQZ_ERR_CODE: see the decoders. */
static inline sqz_status next_filter(
    filter_stream *stream, const sqz_op *op, uint32_t *taps, uint32_t *negative) {
    if (op->lists == 0) {
        return stream->decoder.low == HUFFMAN_PAIRS
                   ? sqz_decode_pairs(stream, taps, op->tap_words, negative)
                   : sqz_decode_filter(stream, taps, op->tap_words, negative);
    }
    const sqz_status status = sqz_decode_lists(stream);
    *negative = stream->lists->marks[0][1];
    return status;
}

/* Where the sum kernels find them. */
static inline const uint32_t *filter_taps(const sqz_op *op, const uint32_t *taps) {
    return op->lists == 0 ? taps + op->tap_words - 1 : taps;
}

/* SQZ_OK when nothing but padding is left. */
sqz_status sqz_finish_filters(const filter_stream *stream, const sqz_op *op);

#endif
