/* Internal: the inputs of a convolution's filters. */
#ifndef FILTER_INPUTS_H
#define FILTER_INPUTS_H

#include "kernels.h"

/* A word for each weight of a filter, as filter_stream (filter_decode.h) wants it: op->measure says what is looked
   at. */
void sqz_make_inputs(const sqz_context *context, const sqz_op *op, const sqz_tensor *in, uint32_t *inputs);

#endif
