/* The record of a crash, in four of the RTC's retention registers: they outlive a reset of the digital core and lose
   their content with the power. The ROM uses STORE4 to STORE7 (esp_rom's rom/rtc.h). */
#include "../portable/crash_record.h"

#include "drivers.h"
#include "register_bits.h"
#include "soc/rtc_cntl_reg.h"

/* Below the magic number a bit of core, 4 of vector, 12 of cause: DEBUGCAUSE has as many. */
static const uint32_t MAGIC = 0xC4A40000, MAGIC_MASK = 0xFFFE0000;

static uint32_t check_word(uint32_t head, uint32_t pc, uint32_t address) {
    return ~(head ^ pc ^ address);
}

void crash_record_write(const board_crash *crash) {
    const uint32_t head =
        MAGIC | (crash->core & 1u) << 16 | (crash->vector & 0xFu) << 12 | (crash->cause & 0xFFFu);
    reg_write(RTC_CNTL_STORE0_REG, head);
    reg_write(RTC_CNTL_STORE1_REG, crash->pc);
    reg_write(RTC_CNTL_STORE2_REG, crash->address);
    reg_write(RTC_CNTL_STORE3_REG, check_word(head, crash->pc, crash->address));
}

bool crash_record_read(board_crash *crash) {
    if (reset_by_power()) { /* whatever lies there is no record */
        reg_write(RTC_CNTL_STORE0_REG, 0);
        return false;
    }
    const uint32_t head = reg_read(RTC_CNTL_STORE0_REG), pc = reg_read(RTC_CNTL_STORE1_REG),
                   address = reg_read(RTC_CNTL_STORE2_REG);
    if ((head & MAGIC_MASK) != MAGIC || reg_read(RTC_CNTL_STORE3_REG) != check_word(head, pc, address)) {
        return false;
    }
    *crash = (board_crash){.vector = head >> 12 & 0xFu,
        .cause = head & 0xFFFu,
        .pc = pc,
        .address = address,
        .core = head >> 16 & 1u};
    return true;
}
