/* Opening a .tfl: header, CRC-32, names, and that picture, scores and arena fit into the memory that it asks for. What
   the .tflite itself says is believed: TFLM does not check it either. */
#include "tfl_blob.h"

#include <stdbool.h>
#include <string.h>

#include "crc32.h"
#include "sqz_format.h"
#include "sqz_model.h"

static const char *const STATUS_TEXTS[] = {
    [-SQZ_OK] = "ok",
    [-SQZ_ERR_TRUNCATED] = "length differs from the header's",
    [-SQZ_ERR_MAGIC] = "not a .tfl",
    [-SQZ_ERR_VERSION] = "unknown format version",
    [-SQZ_ERR_CRC] = "CRC differs: damaged",
    [-SQZ_ERR_PROGRAM] = "no model that TFLM can run here",
    [-SQZ_ERR_ARENA] = "arena too small",
    [-SQZ_ERR_CODE] = "TFLM stopped",
    [-SQZ_ERR_ALIGNMENT] = "misaligned",
    [-SQZ_ERR_CORE] = "TFLM runs on one core",
};

static uint64_t align_up(uint64_t bytes) {
    return (bytes + TFL_ALIGNMENT - 1) & ~(uint64_t)(TFL_ALIGNMENT - 1);
}

static const sqz_header *header_of(const sqz_model *model) {
    return (const sqz_header *)(const void *)model->blob;
}

/* Behind the last name; total_bytes when one of them does not end. */
static uint32_t names_end(const uint8_t *blob, const sqz_header *h) {
    uint32_t at = h->names;
    for (uint32_t c = 0; c < h->classes; c++) {
        while (at < h->total_bytes && blob[at] != 0) {
            at++;
        }
        at++;
    }
    return at < h->total_bytes ? at : h->total_bytes;
}

/* A .tflite's flatbuffer has its identifier behind the first 4 bytes. */
static bool holds_tflite(const uint8_t *blob, const sqz_header *h) {
    static const char IDENTIFIER[] = {'T', 'F', 'L', '3'};
    const uint64_t start = align_up(names_end(blob, h)) + 4;
    return h->names >= sizeof *h && h->names < h->total_bytes &&
           start + sizeof IDENTIFIER <= h->total_bytes &&
           memcmp(blob + start, IDENTIFIER, sizeof IDENTIFIER) == 0;
}

static bool memory_ok(const sqz_header *h) {
    const uint64_t pixels = (uint64_t)h->height * h->width * h->channels;
    return pixels > 0 && h->classes > 0 && h->arena_picture == 0 && pixels <= h->arena_scores &&
           h->arena_scores % TFL_ALIGNMENT == 0 &&
           align_up((uint64_t)h->arena_scores + h->classes) < h->arena_bytes;
}

const char *sqz_engine(void) {
    return "tflm";
}

sqz_status sqz_check_start(const void *start, size_t bytes) {
    const sqz_header *h = start;
    if (bytes < sizeof *h) {
        return SQZ_ERR_TRUNCATED;
    }
    if (memcmp(h->magic, "TFL1", 4) != 0) {
        return SQZ_ERR_MAGIC;
    }
    if (h->format != TFL_FORMAT || h->header_bytes != sizeof *h) {
        return SQZ_ERR_VERSION;
    }
    return h->total_bytes == bytes ? SQZ_OK : SQZ_ERR_TRUNCATED;
}

static sqz_status check(const uint8_t *blob, size_t bytes) {
    const sqz_header *h = (const sqz_header *)(const void *)blob;
    const sqz_status status = sqz_check_start(blob, bytes);
    if (status != SQZ_OK) {
        return status;
    }
    if (h->crc32 != sqz_crc32(0, blob + SQZ_CRC_START, bytes - SQZ_CRC_START)) {
        return SQZ_ERR_CRC;
    }
    const bool good = h->producer[sizeof h->producer - 1] == 0 && memory_ok(h) && holds_tflite(blob, h) &&
                      sqz_decision_ok(h);
    return good ? SQZ_OK : SQZ_ERR_PROGRAM;
}

sqz_status sqz_open(sqz_model *model, const void *blob, size_t bytes) {
    memset(model, 0, sizeof *model);
    if ((uintptr_t)blob % TFL_ALIGNMENT != 0) {
        return SQZ_ERR_ALIGNMENT;
    }
    const sqz_status status = check(blob, bytes);
    if (status != SQZ_OK) {
        return status;
    }
    *model = sqz_model_of(blob);
    model->probabilities = (header_of(model)->flags & TFL_FLAG_LOGITS) == 0;
    return SQZ_OK;
}

/* TFLM works on one core: sqz_model.cores says so, and nobody shares. */
sqz_status sqz_run_share(
    const sqz_model *model, void *arena, size_t arena_bytes, uint32_t core, sqz_meet *meet, void *context) {
    (void)model, (void)arena, (void)arena_bytes, (void)core, (void)meet, (void)context;
    return SQZ_ERR_CORE;
}

const uint8_t *tfl_tflite(const sqz_model *model) {
    return model->blob + align_up(names_end(model->blob, header_of(model)));
}

uint32_t tfl_arena_offset(const sqz_model *model) {
    return (uint32_t)align_up((uint64_t)model->scores_offset + model->classes);
}

uint32_t tfl_crc32(const sqz_model *model) {
    return header_of(model)->crc32;
}

const char *sqz_class_name(const sqz_model *model, uint16_t index) {
    if (index >= model->classes) {
        return "?";
    }
    const char *name = (const char *)model->blob + header_of(model)->names;
    for (; index > 0; index--) {
        name += strlen(name) + 1;
    }
    return name;
}

const char *sqz_producer(const sqz_model *model) {
    return header_of(model)->producer;
}

const char *sqz_status_text(sqz_status status) {
    const uint32_t index = (uint32_t)-status;
    return index < sizeof STATUS_TEXTS / sizeof STATUS_TEXTS[0] ? STATUS_TEXTS[index] : "unknown status";
}
