/*
 * Opening a blob: header, CRC-32, and a proof, op by op, that running it stays inside blob and arena.
 *
 * All sums below stay under 2^32 because of the limits that come first: offsets and sizes in the arena are compared
 * with MAX_ARENA before they are added, and the products are of factors whose bounds are checked.
 */
#include <string.h>

#include "crc32.h"
#include "huffman_decode.h"
#include "kernels.h"

#define MAX_ARENA          (1u << 24) /* a tap's offset has 24 bits */
#define MAX_SIDE           2048u      /* of a padded plane: a plane has at most 2^22 bytes */
#define MAX_CHANNELS       4096u
#define MAX_CLASSES        511u /* so that softmax's fixed-point sum has the headroom it needs */
#define MAX_FILTER_WEIGHTS (1u << 16)
#define MAX_STRIDE         16u

/* True when [offset, offset + bytes) lies within [0, limit). */
static bool within(uint32_t offset, uint32_t bytes, uint32_t limit) {
    return offset <= limit && bytes <= limit - offset;
}

static bool tensor_ok(const sqz_tensor *t, uint32_t arena_bytes) {
    if (t->channels == 0 || t->channels > MAX_CHANNELS || t->height == 0 || t->width == 0)
        return false;
    if (plane_rows(t) > MAX_SIDE || plane_pitch(t) > MAX_SIDE || t->reserved != 0)
        return false;
    const uint32_t plane = plane_bytes(t);
    uint32_t end = t->arena_offset;
    for (uint32_t c = 0; c < t->channels; c++) { /* adding is safe where multiplying might overflow */
        if (!within(end, plane, arena_bytes))
            return false;
        end += plane;
    }
    return true;
}

static bool is_vector(const sqz_tensor *t) {
    return plane_bytes(t) == 1;
}

static bool picture_ok(const sqz_header *h, const sqz_tensor *out) {
    return out->height == h->height && out->width == h->width && out->channels == h->channels &&
           h->channels <= 4 &&
           within(h->arena_picture, (uint32_t)h->height * h->width * h->channels, h->arena_bytes);
}

/* The convolution's windows, in blocks, stay within the input's memory: the last byte that the last tap reads. */
static bool windows_ok(const sqz_op *op, const sqz_tensor *in, uint32_t arena_bytes) {
    if (op->kernel == 0 || op->stride == 0 || op->stride > MAX_STRIDE || op->conv_height == 0 ||
        op->conv_width == 0 || op->conv_height > MAX_SIDE || op->conv_width > MAX_SIDE)
        return false;
    if (op->origin_y + (op->conv_height - 1u) * op->stride + op->kernel > plane_rows(in) ||
        op->origin_x + (op->conv_width - 1u) * op->stride + op->kernel > plane_pitch(in))
        return false;
    const uint32_t pitch = plane_pitch(in);
    const uint32_t last_tap =
        (in->channels - 1u) * plane_bytes(in) + (op->kernel - 1u) * pitch + op->kernel - 1u;
    const uint32_t last_window = op->stride == 1
                                     ? sums_count(op, in) - 1u
                                     : ((op->conv_height - 1u) * pitch + op->conv_width - 1u) * op->stride;
    return in->arena_offset + op->origin_y * pitch + op->origin_x + last_window + last_tap < arena_bytes;
}

static bool pooling_ok(const sqz_op *op, const sqz_tensor *out) {
    if (op->pool == 0)
        return out->height == op->conv_height && out->width == op->conv_width;
    return op->pool_stride != 0 && (out->height - 1u) * op->pool_stride + op->pool <= op->conv_height &&
           (out->width - 1u) * op->pool_stride + op->pool <= op->conv_width;
}

static bool shift_ok(int32_t shift) {
    return shift >= -31 && shift <= 30;
}

static bool conv2d_ok(
    const uint8_t *blob, const sqz_header *h, const sqz_op *op, const sqz_tensor *in, const sqz_tensor *out) {
    if (op->filters == 0 || op->filters > MAX_CHANNELS ||
        (uint32_t)op->output_channel + op->filters > out->channels || !pooling_ok(op, out) ||
        !windows_ok(op, in, h->arena_bytes))
        return false;
    const uint32_t weights = filter_weights(op, in); /* at most 255^2 x 4096 < 2^28 */
    if (weights > MAX_FILTER_WEIGHTS || op->arena_scratch % 4 != 0 ||
        !within(op->arena_scratch, 4u * (weights + sums_count(op, in)), h->arena_bytes))
        return false;
    if (op->filter_records % 4 != 0 || !within(op->filter_records, 9u * op->filters, h->total_bytes) ||
        op->code_table > h->total_bytes || !within(op->code, op->code_bytes, h->total_bytes))
        return false;
    const int32_t *multipliers = (const int32_t *)(blob + op->filter_records) + op->filters;
    const int8_t *shifts = (const int8_t *)(multipliers + op->filters);
    for (uint32_t f = 0; f < op->filters; f++)
        if (multipliers[f] < 0 || !shift_ok(shifts[f]))
            return false;
    return huffman_table_bytes(blob + op->code_table, h->total_bytes - op->code_table) != 0;
}

static bool op_ok(const uint8_t *blob, const sqz_header *h, const sqz_tensor *tensors, const sqz_op *op,
    bool first, bool last) {
    if (first != (op->kind == SQZ_OP_PICTURE) || last != (op->kind == SQZ_OP_SOFTMAX))
        return false;
    if (op->input >= h->tensors || op->output >= h->tensors || op->reserved != 0)
        return false;
    const sqz_tensor *in = &tensors[op->input], *out = &tensors[op->output];
    switch (op->kind) {
    case SQZ_OP_PICTURE:
        return picture_ok(h, out);
    case SQZ_OP_CONV2D:
        return conv2d_ok(blob, h, op, in, out);
    case SQZ_OP_MEAN:
        return is_vector(out) && out->channels == in->channels && op->multiplier >= 0 && shift_ok(op->shift);
    case SQZ_OP_SOFTMAX:
        return is_vector(in) && in->channels == h->classes && op->multiplier >= 0 && op->shift >= 0 &&
               shift_ok(op->shift) && within(h->arena_scores, h->classes, h->arena_bytes);
    default:
        return false;
    }
}

/* `classes` NUL-terminated names lie within the blob. */
static bool names_ok(const uint8_t *blob, const sqz_header *h) {
    uint32_t at = h->names;
    for (uint32_t c = 0; c < h->classes; c++) {
        while (at < h->total_bytes && blob[at] != 0)
            at++;
        if (at >= h->total_bytes)
            return false;
        at++;
    }
    return true;
}

static sqz_status check_program(const uint8_t *blob, const sqz_header *h) {
    const uint32_t tensors_bytes = h->tensors * (uint32_t)sizeof(sqz_tensor);
    const uint32_t ops_bytes = h->ops * (uint32_t)sizeof(sqz_op);
    if (h->arena_bytes == 0 || h->arena_bytes > MAX_ARENA || h->classes == 0 || h->classes > MAX_CLASSES ||
        h->ops < 2 || h->height > MAX_SIDE || h->width > MAX_SIDE ||
        !within(sizeof *h, tensors_bytes + ops_bytes, h->total_bytes) || !names_ok(blob, h))
        return SQZ_ERR_PROGRAM;
    const sqz_tensor *tensors = (const sqz_tensor *)(blob + sizeof *h);
    const sqz_op *ops = (const sqz_op *)(blob + sizeof *h + tensors_bytes);
    for (uint32_t i = 0; i < h->tensors; i++)
        if (!tensor_ok(&tensors[i], h->arena_bytes))
            return SQZ_ERR_PROGRAM;
    for (uint32_t i = 0; i < h->ops; i++)
        if (!op_ok(blob, h, tensors, &ops[i], i == 0, i + 1u == h->ops))
            return SQZ_ERR_PROGRAM;
    return SQZ_OK;
}

static sqz_status check_header(const sqz_header *h, size_t bytes) {
    if (bytes < sizeof *h)
        return SQZ_ERR_TRUNCATED;
    if (memcmp(h->magic, "SQZ1", 4) != 0)
        return SQZ_ERR_MAGIC;
    if (h->format != SQZ_FORMAT || h->header_bytes != sizeof *h)
        return SQZ_ERR_VERSION;
    if (h->total_bytes != bytes)
        return SQZ_ERR_TRUNCATED;
    if (h->crc32 != sqz_crc32(0, (const uint8_t *)h + SQZ_CRC_START, bytes - SQZ_CRC_START))
        return SQZ_ERR_CRC;
    return h->producer[sizeof h->producer - 1] == 0 ? SQZ_OK : SQZ_ERR_PROGRAM;
}

sqz_status sqz_open(sqz_model *model, const void *blob, size_t bytes) {
    memset(model, 0, sizeof *model);
    if ((uintptr_t)blob % SQZ_BLOB_ALIGNMENT != 0)
        return SQZ_ERR_ALIGNMENT;
    const sqz_header *h = blob;
    sqz_status status = check_header(h, bytes);
    if (status == SQZ_OK)
        status = check_program(blob, h);
    if (status != SQZ_OK)
        return status;
    *model = (sqz_model){
        .blob = blob,
        .blob_bytes = h->total_bytes,
        .arena_bytes = h->arena_bytes,
        .picture_offset = h->arena_picture,
        .picture_bytes = (uint32_t)h->height * h->width * h->channels,
        .scores_offset = h->arena_scores,
        .height = h->height,
        .width = h->width,
        .channels = h->channels,
        .classes = h->classes,
        .ops = h->ops,
    };
    return SQZ_OK;
}
