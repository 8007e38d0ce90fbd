/* What frame_to_input() demands of its arguments. */
#ifndef FRAME_CHECK_H
#define FRAME_CHECK_H

#include "frame.h"

/* Of all but the pointers to the pixels, the output and the scratch memory. */
frame_status frame_check(const frame_view *frame, const frame_input *input);

#endif
