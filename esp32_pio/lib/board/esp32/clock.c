#include "drivers.h"
#include "register_bits.h"

static const uint32_t DPORT_CPU_PER_CONF = 0x3FF0003C; /* CPU period: 0, 1, 2 = 80, 160, 240 MHz */
static const uint32_t RTC_OPTIONS0 = 0x3FF48000;
static const uint32_t RTC_CLK_CONF = 0x3FF48070;
static const uint32_t RTC_VOLTAGE = 0x3FF4807C;
static const uint32_t RTC_STORE4 = 0x3FF480B0; /* crystal in MHz, in both halves: noted by software */
static const uint32_t RTC_STORE5 = 0x3FF480B4; /* peripheral clock >> 12, in both halves: by the ROM */
static const uint32_t SYSCON_SYSCLK_CONF = 0x3FF66000, SYSCON_XTAL_TICK = 0x3FF66004,
                      SYSCON_PLL_TICK = 0x3FF66008;
static const uint32_t ANA_CONFIG = 0x6000E044; /* which analog blocks the internal bus reaches */
static const uint32_t ANA_BUS = 0x6000E010;    /* the internal bus that reaches the PLL */

static const uint32_t SOC_CLOCK_SELECT = 3u << 27, SOC_CLOCK_CRYSTAL = 0u << 27, SOC_CLOCK_PLL = 1u << 27;
static const uint32_t PLL_POWER_DOWN = 1u << 6 | 1u << 8 | 1u << 10; /* its bus, itself, its bus's clock */
static const uint32_t ANA_BUS_POWER_DOWN = 1u << 18;
static const uint32_t CORE_VOLTAGE = 7u << 11, CORE_VOLTAGE_HIGHEST = 7u << 11;
static const uint32_t ANA_BUS_BUSY = 1u << 25;
static const uint32_t PERIPHERAL_HZ = 80000000u;

enum { TIMEOUT_CYCLES = 400000 }; /* 10 ms on the slower crystal and more */

/* What a half-word pair says, 0 when its halves differ (never written, or lost with the power). */
static uint32_t both_halves(uint32_t pair) {
    return (pair >> 16) == (pair & 0xFFFFu) ? pair & 0xFFFFu : 0;
}

uint32_t clock_crystal_mhz(void) {
    const uint32_t noted = both_halves(reg_read(RTC_STORE4)) & ~1u; /* esp-idf keeps a flag in bit 0 */
    if (noted == 40 || noted == 26) {
        return noted;
    }
    const uint32_t measured_hz = both_halves(reg_read(RTC_STORE5)) << 12;
    return measured_hz > 20000000u && measured_hz < 33000000u ? 26 : 40;
}

uint32_t clock_peripheral_hz(uint32_t crystal_mhz) {
    const bool on_pll = (reg_read(RTC_CLK_CONF) & SOC_CLOCK_SELECT) == SOC_CLOCK_PLL;
    return on_pll ? PERIPHERAL_HZ : crystal_mhz * 1000000u;
}

/* One byte to a register of the PLL, which is block 0x66 of the internal bus. */
static bool pll_write(uint32_t reg, uint32_t value) {
    reg_write(ANA_BUS, 1u << 24 | value << 16 | reg << 8 | 0x66u);
    return reg_wait(ANA_BUS, ANA_BUS_BUSY, 0, TIMEOUT_CYCLES);
}

typedef struct {
    uint8_t reg, value;
} pll_setting;

static bool pll_write_all(const pll_setting *settings, uint32_t count) {
    bool done = true;
    for (uint32_t i = 0; i < count; i++) {
        done = pll_write(settings[i].reg, settings[i].value) && done;
    }
    return done;
}

static const pll_setting PLL_RESET[] = {{0, 0x18}, {1, 0x20}, {4, 0x9A}, {10, 0x00}, {12, 0x00}};
static const pll_setting PLL_480_MHZ[] = {{11, 0xC3}, {9, 0x74}};
static const pll_setting FROM_40_MHZ[] = {{2, 0x00}, {3, 0x1C}, {5, 0xC6}};
static const pll_setting FROM_26_MHZ[] = {{2, 0xCC}, {3, 0x90}, {5, 0x40}};

/* Both halves, as the ROM notes it. */
static void note_peripheral_hz(uint32_t hz) {
    reg_write(RTC_STORE5, (hz >> 12) * 0x10001u);
}

void clock_to_crystal(uint32_t crystal_mhz) {
    reg_clear(SYSCON_SYSCLK_CONF, 0x3FF);
    reg_write(SYSCON_XTAL_TICK, crystal_mhz - 1);
    reg_field(RTC_CLK_CONF, SOC_CLOCK_SELECT, SOC_CLOCK_CRYSTAL);
    note_peripheral_hz(crystal_mhz * 1000000u);
    wait_cycles(20 * crystal_mhz);
    reg_set(RTC_OPTIONS0, PLL_POWER_DOWN);
}

bool clock_to_240_mhz(uint32_t crystal_mhz) {
    if ((reg_read(RTC_CLK_CONF) & SOC_CLOCK_SELECT) == SOC_CLOCK_PLL) {
        clock_to_crystal(crystal_mhz); /* the PLL cannot be set up while the CPU runs on it */
    }
    reg_set(ANA_CONFIG, 0x3FFu << 8);
    reg_clear(ANA_CONFIG, 1u << 17);
    reg_clear(RTC_OPTIONS0, ANA_BUS_POWER_DOWN);
    reg_clear(RTC_OPTIONS0, PLL_POWER_DOWN);
    bool done = pll_write_all(PLL_RESET, sizeof PLL_RESET / sizeof PLL_RESET[0]);
    wait_cycles(20 * crystal_mhz); /* more than a cycle of the slow clock */

    reg_field(RTC_VOLTAGE, CORE_VOLTAGE, CORE_VOLTAGE_HIGHEST); /* 240 MHz and an 80 MHz flash need it */
    wait_cycles(3 * crystal_mhz);
    done = pll_write_all(PLL_480_MHZ, 2) && done;
    done = pll_write_all(crystal_mhz == 26 ? FROM_26_MHZ : FROM_40_MHZ, 3) && done;
    wait_cycles(80 * crystal_mhz); /* the PLL locks */
    if (!done) {
        return false; /* stay on the crystal: slow, but able to say so */
    }
    reg_write(DPORT_CPU_PER_CONF, 2);
    reg_write(SYSCON_PLL_TICK, 79);
    reg_field(RTC_CLK_CONF, SOC_CLOCK_SELECT, SOC_CLOCK_PLL);
    wait_cycles(40 * 240);

    note_peripheral_hz(PERIPHERAL_HZ);
    reg_write(RTC_STORE4, crystal_mhz * 0x10001u);
    return true;
}
