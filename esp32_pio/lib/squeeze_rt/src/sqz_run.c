/* Running a checked program op by op, and what a model says of itself. */
#include "kernels.h"
#include "sqz_once.h"

sqz_status sqz_run_op(const sqz_model *model, void *arena, size_t arena_bytes, uint32_t index) {
    if ((uintptr_t)arena % SQZ_ARENA_ALIGNMENT != 0) {
        return SQZ_ERR_ALIGNMENT;
    }
    if (arena_bytes < model->arena_bytes) {
        return SQZ_ERR_ARENA;
    }
    if (index >= model->ops) {
        return SQZ_ERR_PROGRAM;
    }
    const sqz_header *header = (const sqz_header *)model->blob;
    const sqz_tensor *tensors = (const sqz_tensor *)(header + 1);
    const sqz_op *op = (const sqz_op *)(tensors + header->tensors) + index;
    const sqz_context context = {.blob = model->blob, .arena = arena, .header = header, .tensors = tensors};

    switch (op->kind) {
    case SQZ_OP_SPREAD:
        sqz_spread(&context, op);
        return SQZ_OK;
    case SQZ_OP_CONV2D:
        return sqz_conv2d(&context, op);
    case SQZ_OP_MAX_POOL:
        sqz_max_pool(&context, op);
        return SQZ_OK;
    case SQZ_OP_AVERAGE_POOL:
    case SQZ_OP_AVERAGE_POOL_UP:
        sqz_average_pool(&context, op);
        return SQZ_OK;
    case SQZ_OP_MEAN:
        sqz_mean(&context, op);
        return SQZ_OK;
    case SQZ_OP_ADD:
        sqz_add(&context, op);
        return SQZ_OK;
    case SQZ_OP_MULTIPLY_CHANNELS:
    case SQZ_OP_ADD_CHANNELS:
        sqz_map_channels(&context, op);
        return SQZ_OK;
    case SQZ_OP_RESCALE:
        sqz_rescale(&context, op);
        return SQZ_OK;
    case SQZ_OP_SOFTMAX:
        sqz_softmax(&context, op);
        return SQZ_OK;
    case SQZ_OP_SCORES:
        sqz_scores(&context, op);
        return SQZ_OK;
    default:
        return SQZ_ERR_PROGRAM;
    }
}

sqz_status sqz_run(const sqz_model *model, void *arena, size_t arena_bytes) {
    sqz_status status = SQZ_OK;
    for (uint32_t i = 0; i < model->ops && status == SQZ_OK; i++) {
        status = sqz_run_op(model, arena, arena_bytes, i);
    }
    return status;
}

SQZ_ONCE sqz_status sqz_run_share(
    const sqz_model *model, void *arena, size_t arena_bytes, uint32_t core, sqz_meet *meet, void *context) {
    const sqz_header *header = (const sqz_header *)model->blob;
    const sqz_op *op = (const sqz_op *)((const sqz_tensor *)(header + 1) + header->tensors);
    sqz_status status = SQZ_OK;
    bool shared = false; /* the op before */
    for (uint32_t i = 0; i < model->ops; i++, op++) {
        const bool second = is_beside(op), first = i + 1u < model->ops && is_beside(op + 1);
        if (!second && (first || shared) && !meet(context)) {
            return SQZ_ERR_CORE;
        }
        if (status == SQZ_OK && second == (core != 0)) {
            status = sqz_run_op(model, arena, arena_bytes, i);
        }
        shared = second;
    }
    return status;
}

const char *sqz_class_name(const sqz_model *model, uint16_t index) {
    if (index >= model->classes) {
        return "?";
    }
    const char *name = (const char *)model->blob + ((const sqz_header *)model->blob)->names;
    while (index--) {
        while (*name++ != 0) {
        }
    }
    return name;
}

const char *sqz_producer(const sqz_model *model) {
    return ((const sqz_header *)model->blob)->producer;
}

const char *sqz_status_text(sqz_status status) {
    switch (status) {
    case SQZ_OK:
        return "ok";
    case SQZ_ERR_TRUNCATED:
        return "length differs from the header's";
    case SQZ_ERR_MAGIC:
        return "not a .sqz";
    case SQZ_ERR_VERSION:
        return "unknown format version";
    case SQZ_ERR_CRC:
        return "CRC differs: damaged";
    case SQZ_ERR_PROGRAM:
        return "program refused";
    case SQZ_ERR_ARENA:
        return "arena too small";
    case SQZ_ERR_CODE:
        return "coded weights refused";
    case SQZ_ERR_ALIGNMENT:
        return "misaligned";
    case SQZ_ERR_CORE:
        return "the other core does not answer";
    }
    return "unknown status";
}
