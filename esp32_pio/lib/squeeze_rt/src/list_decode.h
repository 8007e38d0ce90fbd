/* Internal: one filter at a time from the coded weights, its taps in lists. */
#ifndef LIST_DECODE_H
#define LIST_DECODE_H

#include "filter_decode.h"
#include "sqz_once.h"

/*
 * Makes a stream that sqz_huffman_start() has started, and whose `inputs` and `weights` are set, one of lists at
 * `lists`, where `op` has them.
 */
void sqz_start_lists(filter_stream *stream, tap_lists *lists, const sqz_op *op);

/*
 * Decodes the next filter into the lists. As many taps as a filter has weights may be written where a list begins or
 * list 0 does; SQZ_ERR_CODE: the code ends early (or sqz_finish_lists() finds out), a list has no room,
 * a weight has no list, or there are more chunks than op->lists.
 */
sqz_status sqz_decode_lists(filter_stream *stream);

/* SQZ_OK when nothing but padding is left. */
sqz_status sqz_finish_lists(const filter_stream *stream);

#endif
