#include "kernels.h"

sqz_status sqz_run(const sqz_model *model, void *arena, size_t arena_bytes) {
    if ((uintptr_t)arena % SQZ_ARENA_ALIGNMENT != 0)
        return SQZ_ERR_ALIGNMENT;
    if (arena_bytes < model->arena_bytes)
        return SQZ_ERR_ARENA;
    const sqz_header *header = (const sqz_header *)model->blob;
    const sqz_tensor *tensors = (const sqz_tensor *)(header + 1);
    const sqz_op *op = (const sqz_op *)(tensors + header->tensors);
    const sqz_context context = {.blob = model->blob, .arena = arena, .header = header, .tensors = tensors};

    sqz_status status = SQZ_OK;
    for (uint32_t i = 0; i < header->ops && status == SQZ_OK; i++, op++) {
        switch (op->kind) {
        case SQZ_OP_PICTURE:
            sqz_picture(&context, op);
            break;
        case SQZ_OP_CONV2D:
            status = sqz_conv2d(&context, op);
            break;
        case SQZ_OP_MEAN:
            sqz_mean(&context, op);
            break;
        case SQZ_OP_SOFTMAX:
            sqz_softmax(&context, op);
            break;
        default:
            status = SQZ_ERR_PROGRAM;
        }
    }
    return status;
}

const char *sqz_class_name(const sqz_model *model, uint16_t index) {
    if (index >= model->classes)
        return "?";
    const char *name = (const char *)model->blob + ((const sqz_header *)model->blob)->names;
    while (index--)
        while (*name++ != 0) {
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
    }
    return "unknown status";
}
