/* A panic's record for the next run. ESP-IDF's handler prints registers and a backtrace, then resets the chip; what it
   prints is gone then. The linker leads its callers here first (--wrap=esp_panic_handler). */
#include "../portable/crash_record.h"
#include "../portable/vector_numbers.h"
#include "esp_private/panic_internal.h"
#include "xtensa_context.h"

void __real_esp_panic_handler(panic_info_t *info);
void __wrap_esp_panic_handler(panic_info_t *info);

static uint32_t vector(const panic_info_t *info) {
    if (g_panic_abort) { /* the task watchdog ends this way, too */
        return VECTOR_ABORT;
    }
    switch (info->exception) {
    case PANIC_EXCEPTION_IWDT:
        return VECTOR_WATCHDOG;
    case PANIC_EXCEPTION_DEBUG:
        return VECTOR_DEBUG;
    default:
        return info->pseudo_excause ? VECTOR_UNKNOWN : VECTOR_EXCEPTION;
    }
}

void __wrap_esp_panic_handler(panic_info_t *info) {
    const XtExcFrame *frame = info->frame;
    crash_record_write(&(board_crash){
        .vector = vector(info),
        .cause = (uint32_t)frame->exccause,
        .pc = (uint32_t)frame->pc,
        .address = (uint32_t)frame->excvaddr,
        .core = (uint32_t)info->core,
    });
    __real_esp_panic_handler(info);
}
