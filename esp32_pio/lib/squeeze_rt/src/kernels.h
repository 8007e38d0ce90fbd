/*
 * Internal: the runtime's kernels, one file each. They trust their arguments: sqz_open() has checked every op
 * against blob and arena. `blob` and `arena` are the two memories; tensors and ops are records of the blob.
 */
#ifndef KERNELS_H
#define KERNELS_H

#include <stdbool.h>
#include <stddef.h>

#include "squeeze_rt.h"
#include "sqz_format.h"

/* What a kernel works on. */
typedef struct {
    const uint8_t *blob;
    uint8_t *arena;
    const sqz_header *header;
    const sqz_tensor *tensors;
} sqz_context;

/* Fixed-point numbers of an op that is no convolution. */
typedef struct {
    const int32_t *bias;
    const int32_t *multiplier;
    const int8_t *shift;
} sqz_records;

/* Whether another core may run it while one runs the op before it. */
static inline bool is_beside(const sqz_op *op) {
    return op->kind == SQZ_OP_CONV2D && op->second == SQZ_BESIDE;
}

static inline sqz_records op_records(const sqz_context *context, const sqz_op *op) {
    const int32_t *bias = (const int32_t *)(context->blob + op->records);
    return (sqz_records){bias, bias + op->filters, (const int8_t *)(bias + 2u * op->filters)};
}

/* Planes of a tensor, phases included. */
static inline uint32_t planes(const sqz_tensor *t) {
    return (uint32_t)t->channels * t->phases * t->phases;
}

/* Weights of one filter, zeros included. */
static inline uint32_t filter_weights(const sqz_op *op, const sqz_tensor *input) {
    return (uint32_t)op->kernel * op->kernel * input->channels;
}

/* Words that are summed for the sake of `words`. */
static inline uint32_t whole_blocks(uint32_t words) {
    return (words + SQZ_BLOCK_WORDS - 1u) & ~(SQZ_BLOCK_WORDS - 1u);
}

/* Whether each lane holds one row. */
static inline bool rows_in_lanes(const sqz_tensor *input) {
    return input->lanes != 1 && input->lane_step == input->pitch;
}

/* Words of the input that a convolution without pooling sweeps: all outputs, in as many lanes as there are. */
static inline uint32_t swept_words(const sqz_op *op, const sqz_tensor *input) {
    const uint32_t bytes = (uint32_t)op->conv_height * op->conv_width;
    if (rows_in_lanes(input) && op->conv_width < input->pitch) {
        return op->conv_width;
    }
    return input->lanes == 1 ? (bytes + 3u) / 4u : input->lane_step;
}

/* Rows of the output that each lane makes when pooling is fused. */
static inline uint32_t pooled_rows(const sqz_op *op, const sqz_tensor *input) {
    return input->lane_step / ((uint32_t)op->pool_stride * input->pitch);
}

/* Words whose sums `rows` pooled rows need. */
static inline uint32_t pooled_words(const sqz_op *op, const sqz_tensor *input, uint32_t rows) {
    return ((rows - 1u) * op->pool_stride + op->pool) * input->pitch;
}

/* Words, in whole blocks, whose sums are kept at a time, and how many sums that is. */
static inline uint32_t band_words(const sqz_op *op, const sqz_tensor *input) {
    return whole_blocks(op->pool == 0 ? op->band : pooled_words(op, input, op->band));
}

static inline uint32_t sums_count(const sqz_op *op, const sqz_tensor *input) {
    return band_words(op, input) * (input->lanes == 2 ? 2u : 4u);
}

/* Words behind a decoded filter: those of the sums; before they are made, taps in lists may be as many as weights. */
static inline uint32_t behind_taps(const sqz_op *op, const sqz_tensor *input) {
    const uint32_t sums = sums_count(op, input),
                   taps = op->lists == 0 ? 0 : (filter_weights(op, input) + 1u) / 2u;
    return sums > taps ? sums : taps;
}

/* A picture (channels innermost) or planes of bytes into lanes, padding included. */
void sqz_spread(const sqz_context *context, const sqz_op *op);

/* Convolution, bias, optional max pooling, requantization, clamp; padding of the output included. */
sqz_status sqz_conv2d(const sqz_context *context, const sqz_op *op);

/* Maximum over windows; padding never wins. */
void sqz_max_pool(const sqz_context *context, const sqz_op *op);

/* Mean over windows; padding is not counted. */
void sqz_average_pool(const sqz_context *context, const sqz_op *op);

/* Mean over each plane. */
void sqz_mean(const sqz_context *context, const sqz_op *op);

/* Sum of two tensors, each with a scale of its own. */
void sqz_add(const sqz_context *context, const sqz_op *op);

/* Each channel times its constant, or plus it. */
void sqz_map_channels(const sqz_context *context, const sqz_op *op);

/* The picture or planes of bytes, copied or brought to another scale and zero point, perhaps with padding around. */
void sqz_rescale(const sqz_context *context, const sqz_op *op);

/* Scores from one value per class. */
void sqz_softmax(const sqz_context *context, const sqz_op *op);
void sqz_scores(const sqz_context *context, const sqz_op *op);

/* Where channel `channel` of a tensor starts. */
static inline uint8_t *plane_of(const sqz_context *context, const sqz_tensor *t, uint32_t channel) {
    return context->arena + t->arena_offset + channel * t->plane;
}

/* Fills a channel (of one phase) with its padding value. */
void sqz_fill_lanes(const sqz_context *context, const sqz_tensor *t, uint32_t channel);

/* Writes `count` neighbouring pixels from (y, x) on into a channel (of one phase), in each lane that has them. */
void sqz_write_lanes(const sqz_context *context, const sqz_tensor *t, uint32_t channel, uint32_t y,
    uint32_t x, const uint8_t *pixels, uint32_t count);

#endif
