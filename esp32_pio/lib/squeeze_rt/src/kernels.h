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

static inline uint32_t plane_pitch(const sqz_tensor *t) {
    return (uint32_t)t->pad_left + t->width + t->pad_right;
}

static inline uint32_t plane_rows(const sqz_tensor *t) {
    return (uint32_t)t->pad_top + t->height + t->pad_bottom;
}

static inline uint32_t plane_bytes(const sqz_tensor *t) {
    return plane_rows(t) * plane_pitch(t);
}

/* Weights of one filter, zeros included. */
static inline uint32_t filter_weights(const sqz_op *op, const sqz_tensor *input) {
    return (uint32_t)op->kernel * op->kernel * input->channels;
}

/* Elements from one row of sums to the next: with stride 1 a plane is swept as one run, padding columns included. */
static inline uint32_t sums_pitch(const sqz_op *op, const sqz_tensor *input) {
    return op->stride == 1 ? plane_pitch(input) : op->conv_width;
}

/* Number of 32-bit sums that conv2d keeps for one filter. */
static inline uint32_t sums_count(const sqz_op *op, const sqz_tensor *input) {
    const uint32_t run = (op->conv_height - 1u) * sums_pitch(op, input) + op->conv_width;
    return op->stride == 1 ? (run + SQZ_SUM_BLOCK - 1u) & ~(uint32_t)(SQZ_SUM_BLOCK - 1) : run;
}

/* Unpacks the picture (height, width, channels) into padded planes. */
void sqz_picture(const sqz_context *context, const sqz_op *op);

/* Convolution, bias, optional max pooling, requantization, clamp; the output's padding is filled as well. */
sqz_status sqz_conv2d(const sqz_context *context, const sqz_op *op);

/* Mean over each plane. */
void sqz_mean(const sqz_context *context, const sqz_op *op);

/* Scores from one value per class. */
void sqz_softmax(const sqz_context *context, const sqz_op *op);

/* Fills plane `channel` of `t` with its padding value. */
void sqz_fill_plane(const sqz_context *context, const sqz_tensor *t, uint32_t channel);

#endif
