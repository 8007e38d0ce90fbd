/* From scores to an answer: a class at its operating point, or none that is sure enough. */
#include <stddef.h>

#include "squeeze_rt.h"
#include "sqz_model.h"

enum { NOTHING = -1024 /* the score of a class that is not there */ };

const sqz_decision *sqz_decision_of(const sqz_header *h) {
    const sqz_tensor *tensors = (const sqz_tensor *)(h + 1);
    const sqz_op *ops = (const sqz_op *)(tensors + h->tensors);
    return (h->flags & SQZ_FLAG_DECISION) == 0 ? NULL : (const sqz_decision *)(ops + h->ops);
}

/* Of the values that an int8 may have, or a difference of two. */
static bool is_byte(int32_t value) {
    return (uint32_t)value <= UINT8_MAX;
}

bool sqz_decision_ok(const sqz_header *h) {
    const sqz_decision *d = sqz_decision_of(h);
    if (d == NULL) {
        return true;
    }
    const int32_t zero = d->statistic == SQZ_STATISTIC_SCORE ? 128 : 0;
    return (uintptr_t)(d + 1) <= (uintptr_t)h + h->total_bytes && h->classes >= 2 &&
           (d->class_index == SQZ_NO_CLASS || d->class_index < h->classes) && is_byte(d->class_score + 128) &&
           d->statistic <= SQZ_STATISTIC_MARGIN && is_byte(d->threshold + zero);
}

SQZ_ONCE uint16_t sqz_decide(const sqz_model *model, const int8_t *scores) {
    const sqz_decision *d = model->decision;
    const uint32_t index = d == NULL ? SQZ_NO_CLASS : d->class_index;
    uint32_t best = 0;
    int32_t highest = NOTHING, next = NOTHING;
    for (uint32_t c = 0; c < model->classes; c++) {
        if (c == index) {
            continue;
        }
        if (scores[c] > highest) {
            next = highest;
            highest = scores[c];
            best = c;
        } else if (scores[c] > next) {
            next = scores[c];
        }
    }
    if (d == NULL) {
        return (uint16_t)best;
    }
    int32_t margin = highest - next;
    if (index != SQZ_NO_CLASS) {
        const int32_t above = scores[index] - d->class_score;
        if (above >= 0) {
            best = index;
            highest = scores[index];
            margin = above;
        } else if (-above < margin) {
            margin = -above;
        }
    }
    const int32_t sure = d->statistic == SQZ_STATISTIC_SCORE ? highest : margin;
    return d->statistic != SQZ_STATISTIC_NONE && sure < d->threshold ? SQZ_UNKNOWN : (uint16_t)best;
}
