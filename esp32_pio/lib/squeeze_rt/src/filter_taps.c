/* Which decoder a convolution's weights want. */
#include "filter_taps.h"

sqz_status sqz_start_filters(
    filter_stream *stream, const sqz_context *context, const sqz_op *op, uint32_t *taps) {
    const uint8_t *blob = context->blob, *blob_end = blob + context->header->total_bytes;
    const sqz_status status =
        sqz_huffman_start(&stream->decoder, blob + op->code_table, blob_end, blob + op->code, op->code_bytes);
    if (status != SQZ_OK || op->lists == 0) {
        return status;
    }
    if (stream->decoder.low != 0) { /* lists hold few values: none has low bits */
        return SQZ_ERR_CODE;
    }
    sqz_start_lists(stream, (tap_lists *)taps, op);
    return SQZ_OK;
}

sqz_status sqz_finish_filters(const filter_stream *stream, const sqz_op *op) {
    return op->lists == 0 ? sqz_huffman_finish(&stream->decoder) : sqz_finish_lists(stream);
}
