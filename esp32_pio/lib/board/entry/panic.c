/* The last words: one line with the cause, one with the registers, then halt. */
#include <stddef.h>
#include <stdint.h>

#include "board.h"
#include "print.h"
#include "vector_numbers.h"

void panic(void);

struct panic_frame { /* filled by vectors.S */
    uint32_t a[16];
    uint32_t vector, exccause, epc1, excvaddr, ps, depc, epc_debug, debugcause;
};

struct panic_frame panic_frame;

enum { PANIC_STACK_WORDS = 256, CAUSES = 30, DEBUGCAUSE_DBREAK = 1 << 2 };

static uint32_t panic_stack[PANIC_STACK_WORDS] __attribute__((aligned(16), used));
__asm__(".global panic_stack_top\n.set panic_stack_top, panic_stack + 1024");

/* Xtensa ISA reference manual, table "Exception causes". */
static const char *const CAUSE_NAMES[CAUSES] = {
    [0] = "IllegalInstruction",
    [1] = "Syscall",
    [2] = "InstructionFetchError",
    [3] = "LoadStoreError",
    [4] = "Level1Interrupt",
    [5] = "Alloca",
    [6] = "IntegerDivideByZero",
    [8] = "Privileged",
    [9] = "LoadStoreAlignment",
    [12] = "InstructionDataError",
    [13] = "LoadStoreDataError",
    [14] = "InstructionAddressError",
    [15] = "LoadStoreAddressError",
    [16] = "InstructionTlbMiss",
    [18] = "InstructionFetchPrivilege",
    [20] = "InstructionFetchProhibited",
    [24] = "LoadStoreTlbMiss",
    [26] = "LoadStorePrivilege",
    [28] = "LoadProhibited",
    [29] = "StoreProhibited",
};

static const char *cause_name(const struct panic_frame *frame) {
    switch (frame->vector) {
    case VECTOR_DEBUG:
        return (frame->debugcause & DEBUGCAUSE_DBREAK) != 0 ? "StackOverflow" : "Breakpoint";
    case VECTOR_INTERRUPT:
        return "UnexpectedInterrupt";
    case VECTOR_WINDOW:
        return "RegisterWindow";
    default:
        break;
    }
    const char *name = frame->exccause < CAUSES ? CAUSE_NAMES[frame->exccause] : NULL;
    return name != NULL ? name : "Unknown";
}

static uint32_t program_counter(const struct panic_frame *frame) {
    switch (frame->vector) {
    case VECTOR_DEBUG:
        return frame->epc_debug;
    case VECTOR_DOUBLE:
        return frame->depc;
    default:
        return frame->epc1;
    }
}

static void print_register(const char *key, uint32_t value) {
    print_field(&console, key, "");
    print_hex(&console, value);
}

void panic(void) {
    static uint32_t depth;
    if (depth++ != 0) { /* printing itself failed */
        board_halt();
    }
    print(&console, "\npanic");
    print_number(&console, "cause",
        panic_frame.vector == VECTOR_DEBUG ? panic_frame.debugcause : panic_frame.exccause);
    print_field(&console, "name", cause_name(&panic_frame));
    print_register("epc", program_counter(&panic_frame));
    print_register("excvaddr", panic_frame.excvaddr);
    print_register("ps", panic_frame.ps);
    print_number(&console, "vector", panic_frame.vector);
    print(&console, "\nregisters");
    for (uint32_t i = 0; i < 16; i++) {
        print(&console, " a");
        print_unsigned(&console, i);
        print(&console, "=");
        print_hex(&console, panic_frame.a[i]);
    }
    print(&console, "\n");
    board_halt();
}

const char *board_crash_name(const board_crash *crash) {
    return crash->cause < CAUSES && CAUSE_NAMES[crash->cause] != NULL ? CAUSE_NAMES[crash->cause] : "Unknown";
}
