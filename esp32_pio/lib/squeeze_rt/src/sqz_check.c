/*
 * The proof, op by op, that running a program stays inside blob and arena, whatever its bytes are.
 *
 * All sums below stay under 2^32 because of the limits that come first: offsets and sizes in the arena are compared
 * with SQZ_MAX_ARENA before they are added, and the products are of factors whose bounds are checked.
 */
#include "sqz_check.h"

#include "filter_records.h"
#include "kernels.h"
#include "sqz_limits.h"
#include "tap_lists.h"

typedef struct {
    const uint8_t *blob;
    const sqz_header *header;
    const sqz_tensor *tensors;
} program;

/* True when [offset, offset + bytes) lies within [0, limit). */
static bool within(uint32_t offset, uint32_t bytes, uint32_t limit) {
    return offset <= limit && bytes <= limit - offset;
}

static bool tensor_ok(const sqz_tensor *t, uint32_t arena_bytes) {
    if (t->channels == 0 || t->channels > SQZ_MAX_CHANNELS || t->height == 0 || t->height > SQZ_MAX_SIDE ||
        t->width == 0 || t->width > SQZ_MAX_SIDE || t->pitch == 0 || t->pitch > SQZ_MAX_PITCH ||
        t->plane > SQZ_MAX_ARENA || t->plane % 4 != 0 || t->arena_offset % 4 != 0) {
        return false;
    }
    if (t->lanes == 1) {
        if (t->phases != 1 || t->pitch != t->width || t->plane < (uint32_t)t->height * t->width) {
            return false;
        }
    } else if ((t->lanes != 2 && t->lanes != 4) || t->phases == 0 || t->phases > SQZ_MAX_STRIDE ||
               t->lane_step == 0 || t->lane_step > SQZ_MAX_ARENA) {
        return false;
    }
    const uint32_t all = planes(t); /* at most 2^20 */
    return t->arena_offset <= arena_bytes &&
           (t->plane == 0 || all <= (arena_bytes - t->arena_offset) / t->plane);
}

/* Planes of bytes. */
static bool is_bytes(const sqz_tensor *t) {
    return t->lanes == 1;
}

static bool is_vector(const sqz_tensor *t) {
    return is_bytes(t) && t->height == 1 && t->width == 1;
}

static bool picture_ok(const sqz_header *h) {
    return h->height != 0 && h->height <= SQZ_MAX_SIDE && h->width != 0 && h->width <= SQZ_MAX_SIDE &&
           h->channels != 0 && h->channels <= SQZ_MAX_PICTURE_CHANNELS &&
           within(h->arena_picture, (uint32_t)h->height * h->width * h->channels, h->arena_bytes);
}

/* The channels that an op writes exist. */
static bool output_ok(const sqz_op *op, const sqz_tensor *out, uint32_t channels) {
    return is_bytes(out) && (uint32_t)op->output_channel + channels <= out->channels;
}

/* All of a convolution's records can be read. */
static bool coded_records_ok(const program *p, const sqz_op *op) {
    record_stream stream;
    filter_record record;
    bool ok = sqz_start_records(&stream, p->blob, p->blob + p->header->total_bytes, op->records);
    for (uint32_t f = 0; f < op->filters && ok; f++) {
        ok = sqz_next_record(&stream, &record);
    }
    return ok;
}

static bool records_ok(const program *p, const sqz_op *op) {
    if (op->kind == SQZ_OP_CONV2D) {
        return coded_records_ok(p, op);
    }
    if (op->records % 4 != 0 || !within(op->records, 9u * op->filters, p->header->total_bytes)) {
        return false;
    }
    const int32_t *multipliers = (const int32_t *)(p->blob + op->records) + op->filters;
    const int8_t *shifts = (const int8_t *)(multipliers + op->filters);
    for (uint32_t f = 0; f < op->filters; f++) {
        if (multipliers[f] < 0 || shifts[f] < -31 || shifts[f] > 30) {
            return false;
        }
    }
    return true;
}

static bool spread_ok(const program *p, const sqz_op *op) {
    const sqz_tensor *out = &p->tensors[op->output];
    if (is_bytes(out)) {
        return false;
    }
    if (op->input == SQZ_PICTURE) {
        const sqz_header *h = p->header;
        return out->height == h->height && out->width == h->width && out->channels == h->channels;
    }
    const sqz_tensor *in = &p->tensors[op->input];
    return is_bytes(in) && in->height == out->height && in->width == out->width &&
           in->channels == out->channels;
}

/* The words that a convolution reads, last tap of the last block included, lie within the arena. */
static bool reads_ok(const program *p, const sqz_op *op, const sqz_tensor *in) {
    const uint32_t s = in->phases;
    uint32_t reach = op->origin; /* words from the tensor's start */
    if (is_bytes(in)) {
        if (op->kernel != 1 || op->stride != 1 || op->pool != 0 || op->origin != 0 ||
            op->conv_height != in->height || op->conv_width != in->width) {
            return false;
        }
    } else {
        if (op->kernel == 0 || op->kernel > SQZ_MAX_KERNEL || op->stride != s || op->conv_width > in->pitch) {
            return false;
        }
    }
    if (op->pool == 0) {
        reach += whole_blocks(swept_words(op, in));
    } else {
        const uint32_t rows = pooled_rows(op, in);
        if (rows == 0 || rows > SQZ_MAX_SIDE) {
            return false;
        }
        if (op->band > rows) {
            return false;
        }
        /* The last band starts at most here, and makes at most `band` rows. */
        reach += (rows - 1u) * op->pool_stride * in->pitch + pooled_words(op, in, 1) + SQZ_BLOCK_WORDS;
    }
    const uint32_t last_tap = (planes(in) - 1u) * (in->plane / 4u) + (op->kernel - 1u) / s * (in->pitch + 1u);
    if (planes(in) > SQZ_MAX_TAP_OFFSET || in->plane / 4u > SQZ_MAX_TAP_OFFSET ||
        last_tap > SQZ_MAX_TAP_OFFSET) {
        return false;
    }
    return reach <= SQZ_MAX_ARENA && in->arena_offset + 4u * (last_tap + reach) <= p->header->arena_bytes;
}

/* A filter's taps steer what is read: no output may be written over them. */
static bool taps_stay(const sqz_op *op, const sqz_tensor *in, const sqz_tensor *out) {
    const uint32_t taps = op->arena_scratch, bytes = 4u * (filter_weights(op, in) + op->tap_words);
    return out->arena_offset + planes(out) * out->plane <= taps || taps + bytes <= out->arena_offset;
}

/* What is pooled lies within the sums that are made. */
static bool pooling_ok(const sqz_op *op, const sqz_tensor *out) {
    if (op->pool == 0) {
        return op->band % SQZ_BLOCK_WORDS == 0 && out->height == op->conv_height &&
               out->width == op->conv_width;
    }
    return op->pool_stride != 0 && op->pool <= SQZ_MAX_KERNEL && op->pool_stride <= SQZ_MAX_STRIDE &&
           (out->height - 1u) * op->pool_stride + op->pool <= op->conv_height &&
           (out->width - 1u) * op->pool_stride + op->pool <= op->conv_width;
}

/* Where a convolution's scratch ends; below 2^28. */
static uint32_t scratch_end(const sqz_op *op, const sqz_tensor *in) {
    return op->arena_scratch + 4u * (filter_weights(op, in) + op->tap_words + behind_taps(op, in));
}

/* The first fields of an op, as one number: kind, input, output, second. */
static uint32_t what_it_is(const sqz_op *op) {
    return op->kind | (uint32_t)op->input << 8 | (uint32_t)op->output << 16 | (uint32_t)op->second << 24;
}

/* Two checked ops may run at the same time: what steers one the other never writes, neither as its output, see
 * taps_stay(), nor as its scratch. */
static bool beside_ok(const program *p, const sqz_op *first, const sqz_op *second) {
    const sqz_tensor *in = &p->tensors[second->input];
    return what_it_is(second) - what_it_is(first) == (uint32_t)SQZ_BESIDE << 24 &&
           (scratch_end(first, in) <= second->arena_scratch ||
               scratch_end(second, in) <= first->arena_scratch);
}

static bool conv2d_ok(const program *p, const sqz_op *op) {
    const sqz_header *h = p->header;
    const sqz_tensor *in = &p->tensors[op->input], *out = &p->tensors[op->output];
    if (op->filters == 0 || op->filters > SQZ_MAX_CHANNELS || op->conv_height == 0 ||
        op->conv_height > SQZ_MAX_SIDE || op->conv_width == 0 || op->conv_width > SQZ_MAX_SIDE ||
        op->band == 0 || (uint32_t)op->output_channel + op->filters > out->channels || out->phases != 1 ||
        !pooling_ok(op, out) || !reads_ok(p, op, in)) {
        return false;
    }
    const uint32_t weights = filter_weights(op, in); /* at most 2^24 */
    if (op->lists != 0 && list_room(op, FIRST_TAP_LIST) == 0) {
        return false;
    }
    if (weights > SQZ_MAX_FILTER_WEIGHTS || op->tap_words < 3 || op->tap_words > SQZ_MAX_ARENA ||
        op->arena_scratch % 4 != 0 || sums_count(op, in) > SQZ_MAX_ARENA ||
        op->arena_scratch > h->arena_bytes || scratch_end(op, in) > h->arena_bytes ||
        !taps_stay(op, in, out)) {
        return false;
    }
    return op->code_table <= h->total_bytes && op->code_table % 2 == 0 && op->code % 2 == 0 &&
           within(op->code, op->code_bytes, h->total_bytes);
}

/* Every window has at least one pixel of the plane in it. */
static bool windows_ok(uint32_t count, uint32_t stride, uint32_t pad, uint32_t window, uint32_t size) {
    return window != 0 && pad < window && (count - 1u) * stride < pad + size;
}

static bool pool_ok(const program *p, const sqz_op *op) {
    const sqz_tensor *in = &p->tensors[op->input], *out = &p->tensors[op->output];
    return is_bytes(in) && output_ok(op, out, in->channels) && op->stride != 0 &&
           windows_ok(out->height, op->stride, op->pad_top, op->kernel, in->height) &&
           windows_ok(out->width, op->stride, op->pad_left, op->kernel_x, in->width);
}

static bool add_ok(const program *p, const sqz_op *op) {
    if (op->second >= p->header->tensors) {
        return false;
    }
    const sqz_tensor *a = &p->tensors[op->input], *b = &p->tensors[op->second],
                     *out = &p->tensors[op->output];
    return op->filters == 3 && is_bytes(a) && is_bytes(b) && a->channels == b->channels &&
           a->height == b->height && a->width == b->width && out->height == a->height &&
           out->width == a->width && output_ok(op, out, a->channels);
}

/* There is a constant for all channels, or one for each. */
static bool channels_ok(const program *p, const sqz_op *op) {
    const sqz_tensor *in = &p->tensors[op->input], *out = &p->tensors[op->output];
    return op->filters == 3 && op->second <= SQZ_NEGATED_INPUT && is_bytes(in) && out->height == in->height &&
           out->width == in->width && output_ok(op, out, in->channels) &&
           (op->code_bytes == 1 || op->code_bytes == in->channels) &&
           within(op->code, op->code_bytes, p->header->total_bytes);
}

static bool rescale_ok(const program *p, const sqz_op *op) {
    const sqz_tensor *out = &p->tensors[op->output];
    const sqz_header *h = p->header;
    const bool picture = op->input == SQZ_PICTURE;
    const sqz_tensor *in = picture ? NULL : &p->tensors[op->input];
    if (op->filters > 1 || (!picture && !is_bytes(in)) ||
        !output_ok(op, out, picture ? h->channels : in->channels)) {
        return false;
    }
    return op->pad_top + (uint32_t)(picture ? h->height : in->height) <= out->height &&
           op->pad_left + (uint32_t)(picture ? h->width : in->width) <= out->width;
}

static bool scores_ok(const program *p, const sqz_op *op) {
    const sqz_tensor *in = &p->tensors[op->input];
    const sqz_header *h = p->header;
    return is_vector(in) && in->channels == h->classes && within(h->arena_scores, h->classes, h->arena_bytes);
}

static bool softmax_ok(const program *p, const sqz_op *op) {
    return op->filters == 1 && scores_ok(p, op) && (int8_t)p->blob[op->records + 8u] >= 0;
}

static bool mean_ok(const program *p, const sqz_op *op) {
    const sqz_tensor *in = &p->tensors[op->input], *out = &p->tensors[op->output];
    return op->filters == 1 && is_bytes(in) && out->height == 1 && out->width == 1 &&
           output_ok(op, out, in->channels);
}

static bool op_ok(const program *p, const sqz_op *op, bool last) {
    const bool may_read_picture = op->kind == SQZ_OP_SPREAD || op->kind == SQZ_OP_RESCALE;
    if (last != (op->kind == SQZ_OP_SOFTMAX || op->kind == SQZ_OP_SCORES) ||
        op->output >= p->header->tensors ||
        (op->input >= p->header->tensors && !(may_read_picture && op->input == SQZ_PICTURE)) ||
        !records_ok(p, op)) {
        return false;
    }
    switch (op->kind) {
    case SQZ_OP_SPREAD:
        return spread_ok(p, op);
    case SQZ_OP_CONV2D:
        return conv2d_ok(p, op);
    case SQZ_OP_MAX_POOL:
    case SQZ_OP_AVERAGE_POOL:
    case SQZ_OP_AVERAGE_POOL_UP:
        return pool_ok(p, op);
    case SQZ_OP_MEAN:
        return mean_ok(p, op);
    case SQZ_OP_ADD:
        return add_ok(p, op);
    case SQZ_OP_MULTIPLY_CHANNELS:
    case SQZ_OP_ADD_CHANNELS:
        return channels_ok(p, op);
    case SQZ_OP_RESCALE:
        return rescale_ok(p, op);
    case SQZ_OP_SOFTMAX:
        return softmax_ok(p, op);
    case SQZ_OP_SCORES:
        return scores_ok(p, op);
    default:
        return false;
    }
}

uint16_t sqz_checked_cores(const uint8_t *blob) {
    const sqz_header *h = (const sqz_header *)blob;
    const uint32_t tensors_bytes = h->tensors * (uint32_t)sizeof(sqz_tensor);
    const uint32_t ops_bytes = h->ops * (uint32_t)sizeof(sqz_op);
    if (h->arena_bytes == 0 || h->arena_bytes > SQZ_MAX_ARENA || h->classes == 0 ||
        h->classes > SQZ_MAX_CLASSES || h->tensors == 0 || h->ops < 2 || !picture_ok(h) ||
        !within(sizeof *h, tensors_bytes + ops_bytes, h->total_bytes)) {
        return 0;
    }
    uint16_t cores = 1;
    const program p = {blob, h, (const sqz_tensor *)(h + 1)};
    const sqz_op *ops = (const sqz_op *)(p.tensors + h->tensors);
    for (uint32_t i = 0; i < h->tensors; i++) {
        if (!tensor_ok(&p.tensors[i], h->arena_bytes)) {
            return 0;
        }
    }
    for (uint32_t i = 0; i < h->ops; i++) {
        if (!op_ok(&p, &ops[i], i + 1u == h->ops)) {
            return 0;
        }
        if (is_beside(&ops[i])) {
            if (i == 0 || !beside_ok(&p, &ops[i - 1u], &ops[i])) {
                return 0;
            }
            cores = 2;
        }
    }
    return cores;
}
