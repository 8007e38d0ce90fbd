/* What vectors.S saves, and what panic.c says of it. */
#ifndef PANIC_FRAME_H
#define PANIC_FRAME_H

#include "../../portable/vector_numbers.h"

#define PANIC_CORES       2
#define PANIC_FRAME_BYTES 100

#ifndef __ASSEMBLER__
#include <stdint.h>

struct panic_frame {
    uint32_t a[16];
    uint32_t vector, exccause, epc1, excvaddr, ps, depc, epc_debug, debugcause;
    uint32_t full; /* the second core's: all of the others are written */
};
_Static_assert(sizeof(struct panic_frame) == PANIC_FRAME_BYTES, "vectors.S counts on it");

#define PANIC_REGISTERS(frame) (frame)->a
#define PANIC_VECTOR(frame)    (frame)->vector
#define PANIC_ADDRESS(frame)   (frame)->excvaddr
#define PANIC_STATUS(frame)    (frame)->ps

enum { PANIC_REGISTER_COUNT = 16 };

/* The names of registers are this letter and a number; those of the others are the core's. */
#define PANIC_REGISTER_LETTER "a"
#define PANIC_ADDRESS_NAME    "excvaddr"
#define PANIC_STATUS_NAME     "ps"

static inline uint32_t program_counter(const struct panic_frame *frame) {
    switch (frame->vector) {
    case VECTOR_DEBUG:
        return frame->epc_debug;
    case VECTOR_DOUBLE:
        return frame->depc;
    default:
        return frame->epc1;
    }
}

static inline uint32_t panic_cause(const struct panic_frame *frame) {
    return frame->vector == VECTOR_DEBUG ? frame->debugcause : frame->exccause;
}

#endif
#endif
