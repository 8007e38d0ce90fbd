/* What a header, once it is checked, says of its model: for both engines. */
#ifndef SQZ_MODEL_H
#define SQZ_MODEL_H

#include "squeeze_rt.h"
#include "sqz_format.h"

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
    };
}

#endif
