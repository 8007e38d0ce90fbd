/* The fields of header, tensors, ops and decision by name, and the records of a blob that have them. */
#include "sqz_fields.h"

#include <stdbool.h>
#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

#define FIELD(type, name) {offsetof(type, name), sizeof(((type *)0)->name)}

static const field header_fields[] = {FIELD(sqz_header, arena_bytes), FIELD(sqz_header, arena_picture),
    FIELD(sqz_header, arena_scores), FIELD(sqz_header, height), FIELD(sqz_header, width),
    FIELD(sqz_header, channels), FIELD(sqz_header, classes), FIELD(sqz_header, tensors),
    FIELD(sqz_header, ops), FIELD(sqz_header, names), FIELD(sqz_header, flags)};

static const field tensor_fields[] = {FIELD(sqz_tensor, arena_offset), FIELD(sqz_tensor, plane),
    FIELD(sqz_tensor, lane_step), FIELD(sqz_tensor, channels), FIELD(sqz_tensor, height),
    FIELD(sqz_tensor, width), FIELD(sqz_tensor, pitch), FIELD(sqz_tensor, lanes), FIELD(sqz_tensor, phases),
    FIELD(sqz_tensor, pad_top), FIELD(sqz_tensor, pad_left), FIELD(sqz_tensor, pad_value)};

static const field op_fields[] = {FIELD(sqz_op, kind), FIELD(sqz_op, input), FIELD(sqz_op, output),
    FIELD(sqz_op, second), FIELD(sqz_op, kernel), FIELD(sqz_op, kernel_x), FIELD(sqz_op, stride),
    FIELD(sqz_op, pool), FIELD(sqz_op, pool_stride), FIELD(sqz_op, pad_top), FIELD(sqz_op, pad_left),
    FIELD(sqz_op, zero_point), FIELD(sqz_op, clamp_min), FIELD(sqz_op, clamp_max), FIELD(sqz_op, measure),
    FIELD(sqz_op, lists), FIELD(sqz_op, output_channel), FIELD(sqz_op, filters), FIELD(sqz_op, conv_height),
    FIELD(sqz_op, conv_width), FIELD(sqz_op, origin), FIELD(sqz_op, band), FIELD(sqz_op, arena_scratch),
    FIELD(sqz_op, tap_words), FIELD(sqz_op, records), FIELD(sqz_op, code_table), FIELD(sqz_op, code),
    FIELD(sqz_op, code_bytes)};

static const field decision_fields[] = {FIELD(sqz_decision, class_index), FIELD(sqz_decision, class_score),
    FIELD(sqz_decision, statistic), FIELD(sqz_decision, threshold)};

void find_records(uint8_t *blob, uint32_t bytes, records tables[TABLES]) {
    const sqz_header *h = (const sqz_header *)blob;
    const uint32_t room = bytes - (uint32_t)sizeof *h;
    const uint32_t most = room / (uint32_t)sizeof(sqz_tensor),
                   tensors = h->tensors < most ? h->tensors : most;
    const uint32_t left = (room - tensors * (uint32_t)sizeof(sqz_tensor)) / (uint32_t)sizeof(sqz_op);
    uint8_t *at = blob + sizeof *h;
    tables[HEADER] = (records){blob, 1, sizeof *h, header_fields, COUNT(header_fields)};
    tables[TENSORS] = (records){at, tensors, sizeof(sqz_tensor), tensor_fields, COUNT(tensor_fields)};
    at += tensors * sizeof(sqz_tensor);
    tables[OPS] = (records){at, h->ops < left ? h->ops : left, sizeof(sqz_op), op_fields, COUNT(op_fields)};
    at += tables[OPS].count * sizeof(sqz_op);
    const bool decides = (h->flags & SQZ_FLAG_DECISION) != 0 && at + sizeof(sqz_decision) <= blob + bytes;
    tables[DECISION] = (records){at, decides, sizeof(sqz_decision), decision_fields, COUNT(decision_fields)};
}
