/* Four of the RTC's retention registers: they outlive a reset of the digital core and lose their content with the
   power. esp-idf keeps clocks' calibration in some of them; the ROM uses STORE5 to STORE7. */
#include "../entry/crash_record.h"

#include "drivers.h"
#include "register_bits.h"

static const uint32_t RTC_STORE0 = 0x3FF4804C, RTC_STORE1 = 0x3FF48050, RTC_STORE2 = 0x3FF48054,
                      RTC_STORE3 = 0x3FF48058;

/* Below the magic number 4 bits of vector, 12 of cause: DEBUGCAUSE has as many. */
static const uint32_t MAGIC = 0xC4A50000, MAGIC_MASK = 0xFFFF0000;

static uint32_t check_word(uint32_t head, uint32_t pc, uint32_t address) {
    return ~(head ^ pc ^ address);
}

void crash_record_write(const board_crash *crash) {
    const uint32_t head = MAGIC | (crash->vector & 0xFu) << 12 | (crash->cause & 0xFFFu);
    reg_write(RTC_STORE0, head);
    reg_write(RTC_STORE1, crash->pc);
    reg_write(RTC_STORE2, crash->address);
    reg_write(RTC_STORE3, check_word(head, crash->pc, crash->address));
}

bool crash_record_read(board_crash *crash) {
    if (reset_by_power()) { /* whatever lies there is no record */
        reg_write(RTC_STORE0, 0);
        return false;
    }
    const uint32_t head = reg_read(RTC_STORE0), pc = reg_read(RTC_STORE1), address = reg_read(RTC_STORE2);
    if ((head & MAGIC_MASK) != MAGIC || reg_read(RTC_STORE3) != check_word(head, pc, address)) {
        return false;
    }
    *crash = (board_crash){.vector = head >> 12 & 0xFu, .cause = head & 0xFFFu, .pc = pc, .address = address};
    return true;
}
