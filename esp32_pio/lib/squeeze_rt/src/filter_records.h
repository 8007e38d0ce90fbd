/* Internal: the coded fixed-point numbers of a convolution's filters, one filter after the other (sqz_format.h). */
#ifndef FILTER_RECORDS_H
#define FILTER_RECORDS_H

#include "bit_reader.h"
#include "squeeze_rt.h"
#include "sqz_once.h"

/* In the middle of a convolution's records. */
typedef struct {
    const uint16_t *units;
    const uint16_t *end;
    uint32_t position;          /* of the next bit, from `units` on */
    uint32_t last;              /* from here on the end may be near */
    const int32_t *multipliers; /* those that occur */
    uint16_t count;             /* of them; 0: each filter's stands in the stream */
    int8_t smallest_shift;
    uint8_t index_bits;
    uint8_t shift_bits;
    uint8_t order; /* of the biases' Exp-Golomb code */
    uint8_t exact; /* biases are multiples of 2^(-shift - exact) */
} record_stream;

typedef struct {
    int32_t bias;
    int32_t multiplier; /* 0 or more */
    int32_t shift;      /* -31 to 30 */
} filter_record;

/* Starts at byte `offset` of the blob. False: it is not even, or what is there reaches past the blob. */
SQZ_ONCE bool sqz_start_records(
    record_stream *stream, const uint8_t *blob, const uint8_t *blob_end, uint32_t offset);

/* The next filter's record; false: the stream ends early, or a number is out of its range. */
bool sqz_next_record(record_stream *stream, filter_record *record);

#endif
