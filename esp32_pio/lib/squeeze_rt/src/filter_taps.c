/* Which decoder a convolution's weights want. */
#include "filter_taps.h"

sqz_status sqz_start_filters(
    filter_stream *stream, const sqz_context *context, const sqz_op *op, uint32_t *taps) {
    const uint8_t *blob = context->blob, *blob_end = blob + context->header->total_bytes;
    const sqz_status status =
        sqz_huffman_start(&stream->decoder, blob + op->code_table, blob_end, blob + op->code, op->code_bytes);
    if (status != SQZ_OK) {
        return status;
    }
#if defined(__XTENSA__)
    sqz_start_window(stream);
#endif
    if (op->lists == 0) {
        sqz_huffman_look_up(&stream->decoder, huffman_long_shift(&stream->decoder), 0);
        const bool pairs = stream->decoder.low == HUFFMAN_PAIRS;
        return pairs ? sqz_start_pairs(stream, taps, op->tap_words) : SQZ_OK;
    }
    if (stream->decoder.low != 0) { /* lists hold few values: none has low bits */
        return SQZ_ERR_CODE;
    }
    sqz_start_lists(stream, (tap_lists *)taps, op);
    return SQZ_OK;
}

sqz_status sqz_finish_filters(const filter_stream *stream, const sqz_op *op) {
    return op->lists == 0 ? sqz_finish_filter(stream) : sqz_finish_lists(stream);
}
