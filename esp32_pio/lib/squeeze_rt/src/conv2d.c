/*
 * Convolution over planes, one filter after the other: decode the filter, keep its non-zero taps, sweep them over
 * the planes, requantize. A zero weight costs its decoding and nothing else.
 */
#include "fixed_point.h"
#include "huffman_decode.h"
#include "kernels.h"

/* A tap is one word: weight in the top 8 bits, offset of its pixel from the window's first one in the low 24. */
static inline int32_t tap_weight(uint32_t tap) {
    return (int32_t)tap >> 24;
}

static inline uint32_t tap_offset(uint32_t tap) {
    return tap & 0xFFFFFFu;
}

/* Decodes one filter into `taps`, non-zero weights only, and sets *count. */
static sqz_status decode_taps(
    huffman_decoder *decoder, const sqz_op *op, const sqz_tensor *in, uint32_t *taps, uint32_t *count) {
    const uint32_t pitch = plane_pitch(in), plane = plane_bytes(in);
    uint32_t *tap = taps;
    for (uint32_t y = 0; y < op->kernel; y++)
        for (uint32_t x = 0; x < op->kernel; x++) {
            uint32_t offset = y * pitch + x;
            for (uint32_t c = 0; c < in->channels; c++, offset += plane) {
                int8_t weight;
                const sqz_status status = huffman_next(decoder, &weight);
                if (status != SQZ_OK)
                    return status;
                if (weight != 0)
                    *tap++ = (uint32_t)(uint8_t)weight << 24 | offset;
            }
        }
    *count = (uint32_t)(tap - taps);
    return SQZ_OK;
}

/* Sums for stride 1: the plane is one run of pixels, swept in blocks whose sums stay in registers. Sums wrap around
 * like TFLite's; unsigned, because signed overflow is undefined. */
static void sum_run(const uint8_t *window, const uint32_t *taps, uint32_t tap_count, int32_t bias,
    int32_t *sums, uint32_t count) {
    for (uint32_t i = 0; i < count; i += SQZ_SUM_BLOCK) {
        uint32_t s0 = (uint32_t)bias, s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0, s7 = s0;
        for (const uint32_t *tap = taps; tap < taps + tap_count; tap++) {
            const uint8_t *u = window + i + tap_offset(*tap);
            const uint32_t w = (uint32_t)tap_weight(*tap);
            s0 += w * u[0];
            s1 += w * u[1];
            s2 += w * u[2];
            s3 += w * u[3];
            s4 += w * u[4];
            s5 += w * u[5];
            s6 += w * u[6];
            s7 += w * u[7];
        }
        sums[i] = (int32_t)s0;
        sums[i + 1] = (int32_t)s1;
        sums[i + 2] = (int32_t)s2;
        sums[i + 3] = (int32_t)s3;
        sums[i + 4] = (int32_t)s4;
        sums[i + 5] = (int32_t)s5;
        sums[i + 6] = (int32_t)s6;
        sums[i + 7] = (int32_t)s7;
    }
}

/* Sums for any stride, row by row. */
static void sum_strided(const uint8_t *window, const uint32_t *taps, uint32_t tap_count, int32_t bias,
    const sqz_op *op, uint32_t pitch, int32_t *sums) {
    for (uint32_t y = 0; y < op->conv_height; y++)
        for (uint32_t x = 0; x < op->conv_width; x++) {
            const uint8_t *first = window + (y * pitch + x) * op->stride;
            uint32_t sum = (uint32_t)bias;
            for (const uint32_t *tap = taps; tap < taps + tap_count; tap++)
                sum += (uint32_t)tap_weight(*tap) * first[tap_offset(*tap)];
            *sums++ = (int32_t)sum;
        }
}

static int32_t window_maximum(const int32_t *sums, uint32_t pitch, uint32_t pool) {
    int32_t maximum = *sums;
    for (uint32_t y = 0; y < pool; y++, sums += pitch)
        for (uint32_t x = 0; x < pool; x++)
            if (sums[x] > maximum)
                maximum = sums[x];
    return maximum;
}

/* Requantizes the sums of one filter into plane `channel` of the output. Max pooling comes first: requantization
 * never decreases, so the largest sum gives the largest output, and only one in pool_stride^2 is requantized. */
static void write_plane(const sqz_context *context, const sqz_op *op, uint32_t channel, const int32_t *sums,
    uint32_t pitch, int32_t multiplier, int32_t shift) {
    const sqz_tensor *out = &context->tensors[op->output];
    const uint32_t step = op->pool ? op->pool_stride : 1u;
    const uint32_t out_pitch = plane_pitch(out);
    uint8_t *row = context->arena + out->arena_offset + channel * plane_bytes(out) +
                   out->pad_top * out_pitch + out->pad_left;

    if (plane_bytes(out) != (uint32_t)out->height * out->width)
        sqz_fill_plane(context, out, channel);
    for (uint32_t y = 0; y < out->height; y++, row += out_pitch, sums += step * pitch)
        for (uint32_t x = 0; x < out->width; x++) {
            const int32_t *at = sums + x * step;
            const int32_t sum = op->pool ? window_maximum(at, pitch, op->pool) : *at;
            const int32_t value = requantize(sum, multiplier, shift) + op->zero_point;
            row[x] = (uint8_t)(value < op->clamp_min   ? op->clamp_min
                               : value > op->clamp_max ? op->clamp_max
                                                       : value);
        }
}

sqz_status sqz_conv2d(const sqz_context *context, const sqz_op *op) {
    const sqz_tensor *in = &context->tensors[op->input];
    const uint32_t pitch = plane_pitch(in);
    const uint8_t *window = context->arena + in->arena_offset + op->origin_y * pitch + op->origin_x;
    uint32_t *taps = (uint32_t *)(context->arena + op->arena_scratch);
    int32_t *sums = (int32_t *)(taps + filter_weights(op, in));
    const int32_t *biases = (const int32_t *)(context->blob + op->filter_records);
    const int32_t *multipliers = biases + op->filters;
    const int8_t *shifts = (const int8_t *)(multipliers + op->filters);

    huffman_decoder decoder;
    sqz_status status =
        huffman_start(&decoder, context->blob + op->code_table, context->blob + op->code, op->code_bytes);
    for (uint32_t f = 0; f < op->filters && status == SQZ_OK; f++) {
        uint32_t tap_count;
        status = decode_taps(&decoder, op, in, taps, &tap_count);
        if (status != SQZ_OK)
            break;
        if (op->stride == 1)
            sum_run(window, taps, tap_count, biases[f], sums, sums_count(op, in));
        else
            sum_strided(window, taps, tap_count, biases[f], op, pitch, sums);
        write_plane(context, op, op->output_channel + f, sums, sums_pitch(op, in), multipliers[f], shifts[f]);
    }
    return status == SQZ_OK ? huffman_finish(&decoder) : status;
}
