/* The names of crashes: of the core's exceptions, and of what else vector_numbers.h tells apart. */
#include <stddef.h>

#include "board.h"
#include "vector_numbers.h"

#if defined(__riscv)
enum { CAUSES = 8 };

/* The RISC-V Instruction Set Manual, Volume II, table "Machine cause register values". */
static const char *const CAUSE_NAMES[CAUSES] = {
    "InstructionAddressMisaligned",
    "InstructionAccessFault",
    "IllegalInstruction",
    "Breakpoint",
    "LoadAddressMisaligned",
    "LoadAccessFault",
    "StoreAddressMisaligned",
    "StoreAccessFault",
};
#else
enum { CAUSES = 30, DEBUGCAUSE_DBREAK = 1 << 2 };

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
#endif

const char *board_crash_name(const board_crash *crash) {
    switch (crash->vector) {
#if defined(__riscv)
    case VECTOR_STACK:
        return "StackOverflow";
#else
    case VECTOR_DEBUG:
        return (crash->cause & DEBUGCAUSE_DBREAK) != 0 ? "StackOverflow" : "Breakpoint";
#endif
    case VECTOR_INTERRUPT:
        return "UnexpectedInterrupt";
    case VECTOR_WINDOW:
        return "RegisterWindow";
    case VECTOR_WATCHDOG:
        return "Watchdog";
    case VECTOR_ABORT:
        return "Abort";
    case VECTOR_SILENT:
        return "SecondCoreSilent";
    case VECTOR_UNKNOWN:
        return "Unknown";
    default:
        break;
    }
    const char *name = crash->cause < CAUSES ? CAUSE_NAMES[crash->cause] : NULL;
    return name != NULL ? name : "Unknown";
}
