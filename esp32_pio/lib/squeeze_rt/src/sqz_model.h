/* What a header, once it is checked, says of its model, and how it decides: for both engines. Not `probabilities`. */
#ifndef SQZ_MODEL_H
#define SQZ_MODEL_H

#include "squeeze_rt.h"
#include "sqz_format.h"
#include "sqz_once.h"

/* Whether the record that flags tell of, if any, lies in the blob and says what can be. */
SQZ_ONCE bool sqz_decision_ok(const sqz_header *h);
/* That record; NULL: none. */
SQZ_ONCE const sqz_decision *sqz_decision_of(const sqz_header *h);

static inline sqz_model sqz_model_of(const sqz_header *h) {
    return (sqz_model){
        .blob = (const uint8_t *)h,
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
        .cores = 1,
        .decision = sqz_decision_of(h),
    };
}

#endif
