/* The header of a model that answers. */
#ifndef MODEL_HEADER_H
#define MODEL_HEADER_H

#include "squeeze_rt.h"
#include "sqz_format.h"

/* Of a model that sqz_open() accepted. */
static inline const sqz_header *model_header(const sqz_model *model) {
    return (const sqz_header *)(const void *)model->blob;
}

#endif
