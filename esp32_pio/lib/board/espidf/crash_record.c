/* The record of a crash, in the RTC's slow memory, which outlives every reset but a power failure and is not cleared
   by the boot. */
#include "../portable/crash_record.h"

#include "../portable/vector_numbers.h"
#include "drivers.h"
#include "esp_attr.h"

static const uint32_t MAGIC = 0xC4A5C4A5u;

RTC_NOINIT_ATTR static struct {
    uint32_t magic;
    board_crash crash;
    uint32_t check;
} record;

static uint32_t check_word(const board_crash *crash) {
    return ~(MAGIC ^ crash->vector ^ crash->cause ^ crash->pc ^ crash->address ^ crash->core);
}

void crash_record_write(const board_crash *crash) {
    record.crash = *crash;
    record.check = check_word(crash);
    record.magic = MAGIC;
}

bool crash_record_read(board_crash *crash) {
    if (reset_by_power()) { /* whatever lies there is no record */
        record.magic = 0;
        return false;
    }
    if (record.magic == MAGIC && record.check == check_word(&record.crash)) {
        *crash = record.crash;
        return true;
    }
    *crash = (board_crash){.vector = VECTOR_UNKNOWN}; /* a watchdog's reset leaves no time for one */
    return reset_by_crash();
}
