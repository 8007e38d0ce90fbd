/* What vectors.S saves, and what panic.c says of it. */
#ifndef PANIC_FRAME_H
#define PANIC_FRAME_H

#include <stdint.h>

#include "../../portable/vector_numbers.h"

#define PANIC_CORES 1

struct panic_frame {
    uint32_t x[32];
    uint32_t mcause, mepc, mtval, mstatus;
};

#define PANIC_REGISTERS(frame) (frame)->x
#define PANIC_VECTOR(frame)    panic_vector(frame)
#define PANIC_ADDRESS(frame)   (frame)->mtval
#define PANIC_STATUS(frame)    (frame)->mstatus

enum { PANIC_REGISTER_COUNT = 32 };

/* The names of registers are this letter and a number; those of the others are the core's. */
#define PANIC_REGISTER_LETTER "x"
#define PANIC_ADDRESS_NAME    "mtval"
#define PANIC_STATUS_NAME     "mstatus"

/* Of mcause: the highest bit tells interrupts from exceptions. */
enum { MCAUSE_INTERRUPT_S = 31, MCAUSE_CODE = 0xFFF, MCAUSE_STORE_FAULT = 7, STACK_GUARD_BYTES = 128 };

extern const uint8_t _stack_bottom[];

static inline uint32_t program_counter(const struct panic_frame *frame) {
    return frame->mepc;
}

static inline uint32_t panic_cause(const struct panic_frame *frame) {
    return frame->mcause & MCAUSE_CODE;
}

/* A store into the region that start.S guards is the stack's overflow. */
static inline uint32_t panic_vector(const struct panic_frame *frame) {
    if (frame->mcause >> MCAUSE_INTERRUPT_S != 0) {
        return VECTOR_INTERRUPT;
    }
    const uint32_t into_guard = frame->mtval - (uint32_t)(uintptr_t)_stack_bottom;
    return frame->mcause == MCAUSE_STORE_FAULT && into_guard < STACK_GUARD_BYTES ? VECTOR_STACK
                                                                                 : VECTOR_EXCEPTION;
}

#endif
