/*
 * Convolution over planes, one filter after the other: decode its non-zero taps, sum them over the input's words,
 * band by band, requantize. A zero weight costs its decoding and nothing else.
 */
#include "filter_inputs.h"
#include "filter_records.h"
#include "filter_taps.h"
#include "requantize.h"
#include "sqz_once.h"

typedef struct {
    const sqz_context *context;
    const sqz_op *op;
    const sqz_tensor *in;
    const sqz_tensor *out;
    /* Of the first band: from where in the input the first window begins. Lane j of word w is summed at
     * j x lane_stride + w, in the order of positions; of a plane of bytes at 4 w + j. */
    tap_sweep sweep;
    sum_kernel *sum;
    uint32_t *sums;
    bool bytes;         /* the input is */
    bool at_once;       /* one band of all outputs */
    uint32_t pitch;     /* positions from one row of outputs to the next */
    uint32_t row_pitch; /* sums, likewise, when all are made at once */
    /* the filter */
    const uint32_t *taps;
    uint32_t base;    /* its bias, less what lanes start from */
    uint32_t channel; /* of the output */
    uint8_t *plane;   /* the same */
    requantizer requantizer;
    record_stream records;
    filter_stream weights;
} convolution;

/* Which of them makes a convolution's sums. */
static sum_kernel *kernel_for(const sqz_op *op, const sqz_tensor *in) {
    if (in->lanes == 2) {
        return op->lists != 0 ? sqz_sum_lists_2 : sqz_sum_products_2;
    }
    return op->lists != 0 ? sqz_sum_lists_4 : sqz_sum_products_4;
}

/* The sums of `count` words from word `first` on. */
static void sum_band(const convolution *conv, uint32_t first, uint32_t count) {
    tap_sweep sweep = conv->sweep;
    sweep.words += first;
    sweep.count = count;
    conv->sum(&sweep, conv->taps, conv->base);
}

/* Requantizes `count` sums into pixels of planes in lanes, from (y, x) on. The sums may be overwritten. */
static void write_pixels(const convolution *conv, int32_t *sums, uint32_t y, uint32_t x, uint32_t count) {
    sqz_requantize_run(&conv->requantizer, sums, (uint8_t *)sums, count);
    sqz_write_lanes(conv->context, conv->out, conv->channel, y, x, (const uint8_t *)sums, count);
}

/* Whole rows of the output from row y on, their sums `pitch` apart; the sums may be overwritten, too. */
static void write_rows(const convolution *conv, int32_t *sums, uint32_t y, uint32_t rows, uint32_t pitch) {
    const uint32_t width = conv->out->width;
    const bool in_lanes = conv->out->lanes != 1;
    uint8_t *pixels = in_lanes ? (uint8_t *)sums : conv->plane + y * width;
    sqz_requantize_rows(&conv->requantizer, sums, pixels, width, rows, pitch);
    for (const uint32_t end = y + rows; in_lanes && y < end; y++, pixels += width) {
        sqz_write_lanes(conv->context, conv->out, conv->channel, y, 0, pixels, width);
    }
}

/* Positions from `position` on; those of the padding's columns are left out. */
static void write_positions(const convolution *conv, uint32_t *sums, uint32_t position, uint32_t count) {
    const uint32_t width = conv->op->conv_width, height = conv->op->conv_height, pitch = conv->pitch;
    const bool bytes = conv->out->lanes == 1;
    uint32_t y = 0, x = position;
    for (; x >= pitch; x -= pitch) { /* not all cores divide */
        y++;
    }
    uint8_t *to = conv->plane + y * width + (x < width ? x : width); /* in a plane of bytes */
    for (; count != 0 && y < height; x = 0, y++) {
        const uint32_t run = pitch - x < count ? pitch - x : count;
        const uint32_t inside = x >= width ? 0 : run < width - x ? run : width - x;
        if (bytes) {
            sqz_requantize_run(&conv->requantizer, (const int32_t *)sums, to, inside);
        } else if (inside != 0) {
            write_pixels(conv, (int32_t *)sums, y, x, inside);
        }
        to += inside;
        sums += run;
        count -= run;
    }
}

__attribute__((noinline)) static void run_bands(const convolution *conv) {
    const uint32_t words = swept_words(conv->op, conv->in), band = conv->op->band;
    const uint32_t lanes = conv->in->lanes, step = conv->in->lane_step;
    for (uint32_t first = 0; first < words; first += band) {
        const uint32_t count = words - first < band ? words - first : band;
        sum_band(conv, first, count);
        if (conv->bytes) {
            write_positions(conv, conv->sums, 4u * first, 4u * count);
        } else {
            for (uint32_t j = 0; j < lanes; j++) {
                write_positions(conv, conv->sums + j * conv->sweep.lane_stride, first + j * step, count);
            }
        }
    }
}

/* The largest of three sums below each other. */
static inline int32_t column_maximum(const int32_t *sum, uint32_t pitch) {
    return lx6_max(lx6_max(sum[0], sum[pitch]), sum[2 * pitch]);
}

/* The same as pool_row() for windows of 3 x 3 two apart: a column that two windows share is looked at once. */
static void pool_row_3_2(int32_t *sums, uint32_t pitch, uint32_t width) {
    int32_t shared = column_maximum(sums, pitch);
    const int32_t *column = sums + 1;
    for (const int32_t *end = sums + (width & ~1u); sums < end; sums += 2, column += 4) {
        const int32_t first = lx6_max(shared, column_maximum(column, pitch));
        shared = column_maximum(column + 1, pitch);
        sums[0] = lx6_max(first, shared);
        const int32_t second = lx6_max(shared, column_maximum(column + 2, pitch));
        shared = column_maximum(column + 3, pitch);
        sums[1] = lx6_max(second, shared);
    }
    if ((width & 1u) != 0) {
        const int32_t last = lx6_max(column_maximum(column, pitch), column_maximum(column + 1, pitch));
        *sums = lx6_max(shared, last);
    }
}

/* Maxima of one row of windows, stored over the first row of sums: no window to come needs those. */
static void pool_row(int32_t *sums, uint32_t pitch, uint32_t width, uint32_t pool, uint32_t stride) {
    for (uint32_t x = 0; x < width; x++) {
        const int32_t *column = sums + x * stride;
        int32_t maximum = *column;
        for (uint32_t kx = 0; kx < pool; kx++, column++) {
            const int32_t *sum = column;
            for (uint32_t ky = 0; ky < pool; ky++, sum += pitch) {
                maximum = lx6_max(maximum, *sum);
            }
        }
        sums[x] = maximum;
    }
}

/* Max pooling comes before requantization: that never decreases, so the largest sum gives the largest output. */
__attribute__((noinline)) static void run_pooled_bands(const convolution *conv) {
    const sqz_op *op = conv->op;
    const uint32_t row_words = op->pool_stride * conv->pitch, width = conv->out->width,
                   height = conv->out->height;
    const uint32_t rows = pooled_rows(op, conv->in), lanes = conv->in->lanes;
    for (uint32_t first = 0; first < rows; first += op->band) {
        const uint32_t count = rows - first < op->band ? rows - first : op->band;
        sum_band(conv, first * row_words, pooled_words(op, conv->in, count));
        for (uint32_t j = 0; j < lanes && first + j * rows < height; j++) {
            const uint32_t y = first + j * rows, lane_rows = height - y < count ? height - y : count;
            int32_t *const sums = (int32_t *)conv->sums + j * conv->sweep.lane_stride;
            for (uint32_t i = 0; i < lane_rows; i++) {
                if (op->pool == 3 && op->pool_stride == 2) {
                    pool_row_3_2(sums + i * row_words, conv->pitch, width);
                } else {
                    pool_row(sums + i * row_words, conv->pitch, width, op->pool, op->pool_stride);
                }
            }
            write_rows(conv, sums, y, lane_rows, row_words);
        }
    }
}

static void run_filter(const convolution *conv) {
    const sqz_op *op = conv->op;
    if (conv->out->lanes != 1) {
        sqz_fill_lanes(conv->context, conv->out, conv->channel);
    }
    if (conv->at_once) {
        conv->sum(&conv->sweep, conv->taps, conv->base);
        if (conv->out->lanes == 1) {
            sqz_requantize_rows(&conv->requantizer, (const int32_t *)conv->sums, conv->plane, op->conv_width,
                op->conv_height, conv->row_pitch);
        } else {
            write_rows(conv, (int32_t *)conv->sums, 0, op->conv_height, conv->row_pitch);
        }
    } else if (op->pool == 0) {
        run_bands(conv);
    } else {
        run_pooled_bands(conv);
    }
}

__attribute__((noinline)) static sqz_status run_filters(convolution *conv, uint32_t *taps) {
    const sqz_op *op = conv->op;
    for (uint32_t f = 0; f < op->filters; f++) {
        filter_record record;
        uint32_t negative;
        if (!sqz_next_record(&conv->records, &record) ||
            next_filter(&conv->weights, op, taps, &negative) != SQZ_OK) {
            return SQZ_ERR_CODE;
        }
        conv->base = (uint32_t)record.bias - negative;
        conv->channel = op->output_channel + f;
        conv->plane = plane_of(conv->context, conv->out, conv->channel);
        sqz_change_scale(&conv->requantizer, record.multiplier, record.shift);
        run_filter(conv);
    }
    return sqz_finish_filters(&conv->weights, op);
}

SQZ_ONCE sqz_status sqz_conv2d(const sqz_context *context, const sqz_op *op) {
    const sqz_tensor *in = &context->tensors[op->input], *out = &context->tensors[op->output];
    const uint8_t *blob = context->blob, *blob_end = blob + context->header->total_bytes;
    uint32_t *scratch = (uint32_t *)(context->arena + op->arena_scratch);
    uint32_t *taps = scratch + filter_weights(op, in);
    const bool bytes = in->lanes == 1;
    convolution conv;
    conv.context = context;
    conv.op = op;
    conv.in = in;
    conv.out = out;
    conv.bytes = bytes;
    conv.pitch = in->pitch;
    conv.taps = filter_taps(op, taps);
    conv.sum = kernel_for(op, in);
    conv.sums = taps + op->tap_words;
    conv.sweep = (tap_sweep){.words = (const uint32_t *)(context->arena + in->arena_offset) + op->origin,
        .count = swept_words(op, in),
        .sums = conv.sums,
        .lane_stride = bytes ? 1 : band_words(op, in),
        .word_stride = bytes ? 4 : 1};
    const uint32_t positions = bytes ? 4u * conv.sweep.count : in->lanes * in->lane_step;
    const bool rows = rows_in_lanes(in);
    conv.row_pitch = rows ? conv.sweep.lane_stride : in->pitch;
    conv.at_once = op->pool == 0 && op->band >= conv.sweep.count &&
                   (bytes || rows || conv.sweep.lane_stride == in->lane_step) &&
                   (op->conv_height - 1u) * in->pitch + op->conv_width <= positions;
    sqz_make_requantizer(&conv.requantizer, 0, 0, op->zero_point, op->clamp_min, op->clamp_max);

    conv.weights.inputs = scratch;
    conv.weights.weights = filter_weights(op, in);
    sqz_make_inputs(context, op, in, scratch);
    if (!sqz_start_records(&conv.records, blob, blob_end, op->records) ||
        sqz_start_filters(&conv.weights, context, op, taps) != SQZ_OK) {
        return SQZ_ERR_CODE;
    }
    return run_filters(&conv, taps);
}
