/* Opening a blob: header, CRC-32, names, and the proof that running it stays inside blob and arena. */
#include <string.h>

#include "crc32.h"
#include "squeeze_rt.h"
#include "sqz_check.h"
#include "sqz_model.h"

/* `classes` NUL-terminated names lie within the blob. */
static bool names_ok(const uint8_t *blob, const sqz_header *h) {
    uint32_t at = h->names;
    for (uint32_t c = 0; c < h->classes; c++) {
        while (at < h->total_bytes && blob[at] != 0) {
            at++;
        }
        if (at >= h->total_bytes) {
            return false;
        }
        at++;
    }
    return true;
}

const char *sqz_engine(void) {
    return "squeeze_rt";
}

sqz_status sqz_check_start(const void *start, size_t bytes) {
    const sqz_header *h = start;
    if (bytes < sizeof *h) {
        return SQZ_ERR_TRUNCATED;
    }
    if (memcmp(h->magic, "SQZ1", 4) != 0) {
        return SQZ_ERR_MAGIC;
    }
    if (h->format < SQZ_OLDEST_FORMAT || h->format > SQZ_FORMAT || h->header_bytes != sizeof *h) {
        return SQZ_ERR_VERSION;
    }
    return h->total_bytes == bytes ? SQZ_OK : SQZ_ERR_TRUNCATED;
}

static bool ends_in_softmax(const sqz_header *h) {
    const sqz_tensor *tensors = (const sqz_tensor *)(h + 1);
    const sqz_op *ops = (const sqz_op *)(tensors + h->tensors);
    return ops[h->ops - 1u].kind == SQZ_OP_SOFTMAX;
}

static sqz_status check_header(const sqz_header *h, size_t bytes) {
    const sqz_status status = sqz_check_start(h, bytes);
    if (status != SQZ_OK) {
        return status;
    }
    if (h->crc32 != sqz_crc32(0, (const uint8_t *)h + SQZ_CRC_START, bytes - SQZ_CRC_START)) {
        return SQZ_ERR_CRC;
    }
    return h->producer[sizeof h->producer - 1] == 0 ? SQZ_OK : SQZ_ERR_PROGRAM;
}

SQZ_ONCE sqz_status sqz_open(sqz_model *model, const void *blob, size_t bytes) {
    memset(model, 0, sizeof *model);
    if ((uintptr_t)blob % SQZ_BLOB_ALIGNMENT != 0) {
        return SQZ_ERR_ALIGNMENT;
    }
    const sqz_header *h = blob;
    const sqz_status status = check_header(h, bytes);
    if (status != SQZ_OK) {
        return status;
    }
    const uint16_t cores = sqz_checked_cores(blob);
    if (cores == 0 || !names_ok(blob, h) || !sqz_decision_ok(h)) {
        return SQZ_ERR_PROGRAM;
    }
    *model = sqz_model_of(h);
    model->cores = cores;
    model->probabilities = ends_in_softmax(h);
    return SQZ_OK;
}
