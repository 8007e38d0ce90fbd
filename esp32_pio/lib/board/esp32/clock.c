/* The clock: the crystal's or the PLL's, and the core's voltage that goes with it. ESP-IDF:
   esp_hw_support/port/esp32/rtc_clk.c and rtc_clk_init.c, esp_hal_clock/esp32/include/hal/clk_tree_ll.h, soc/rtc.h
   (voltages and waits). */
#include "drivers.h"
#include "register_bits.h"
#include "soc/dport_reg.h"
#include "soc/regi2c_reg.h"
#include "soc/rtc_cntl_reg.h"
#include "soc/syscon_reg.h"

static const uint32_t PLL_POWER_DOWN =
    RTC_CNTL_BB_I2C_FORCE_PD | RTC_CNTL_BBPLL_FORCE_PD | RTC_CNTL_BBPLL_I2C_FORCE_PD;
static const uint32_t PERIPHERAL_HZ = 80000000u;
/* RTC_DISABLE_ROM_LOG: a flag of ESP-IDF's in the crystal's note. */
static const uint32_t DISABLE_ROM_LOG = 1;

enum {
    TIMEOUT_CYCLES = 400000, /* 10 ms on the slower crystal and more */
    /* Microseconds. rtc_clk_wait_for_slow_cycle waits for the slow clock's next cycle, 6.7; this is three of them. */
    SLOW_CYCLE_US = 20,
    VOLTAGE_US = 3,   /* SOC_DELAY_PLL_DBIAS_RAISE */
    PLL_LOCK_US = 80, /* SOC_DELAY_PLL_ENABLE_WITH_150K */
    SWITCH_US = 40,   /* a slow cycle and 30: rtc_clk_cpu_freq_to_pll_mhz */
};

/* What a half-word pair says, 0 when its halves differ (never written, or lost with the power). */
static uint32_t both_halves(uint32_t pair) {
    return (pair >> 16) == (pair & 0xFFFFu) ? pair & 0xFFFFu : 0;
}

uint32_t clock_crystal_mhz(void) {
    const uint32_t noted = both_halves(reg_read(RTC_XTAL_FREQ_REG)) & ~DISABLE_ROM_LOG;
    if (noted == 40 || noted == 26) {
        return noted;
    }
    const uint32_t measured_hz = both_halves(reg_read(RTC_APB_FREQ_REG)) << 12; /* by the ROM */
    return measured_hz > 20000000u && measured_hz < 33000000u ? 26 : 40;
}

static bool on_pll(void) {
    return (reg_read(RTC_CNTL_CLK_CONF_REG) & RTC_CNTL_SOC_CLK_SEL_M) == RTC_CNTL_SOC_CLK_SEL_PLL;
}

uint32_t clock_peripheral_hz(uint32_t crystal_mhz) {
    return on_pll() ? PERIPHERAL_HZ : crystal_mhz * 1000000u;
}

/* One byte to a register of the PLL. */
static bool pll_write(uint32_t reg, uint32_t value) {
    reg_write(ANA_BUS_REG, ANA_BUS_WRITE | value << ANA_BUS_DATA_S | reg << ANA_BUS_REGISTER_S | I2C_BBPLL);
    return reg_wait(ANA_BUS_REG, ANA_BUS_BUSY, 0, TIMEOUT_CYCLES);
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

/* clk_ll_bbpll_enable */
static const pll_setting PLL_RESET[] = {{I2C_BBPLL_IR_CAL_DELAY, 0x18}, {I2C_BBPLL_IR_CAL_EXT_CAP, 0x20},
    {I2C_BBPLL_OC_ENB_FCAL, 0x9A}, {I2C_BBPLL_OC_ENB_VCON, 0x00}, {I2C_BBPLL_BBADC_CAL_7_0, 0x00}};

/* clk_ll_bbpll_set_config: [CPU at 240 MHz][crystal of 26 MHz] */
enum { PLL_SETTINGS = 5 };
static const pll_setting PLL[2][2][PLL_SETTINGS] = {
    {/* 320 MHz */
        {{I2C_BBPLL_ENDIV5, 0x43}, {I2C_BBPLL_BBADC_DSMP, 0x84}, {I2C_BBPLL_OC_LREF, 0x00},
            {I2C_BBPLL_OC_DIV_7_0, 0x20}, {I2C_BBPLL_OC_DCUR, 0xC6}},
        {{I2C_BBPLL_ENDIV5, 0x43}, {I2C_BBPLL_BBADC_DSMP, 0x84}, {I2C_BBPLL_OC_LREF, 0xCC},
            {I2C_BBPLL_OC_DIV_7_0, 0xE0}, {I2C_BBPLL_OC_DCUR, 0x40}}},
    {/* 480 MHz */
        {{I2C_BBPLL_ENDIV5, 0xC3}, {I2C_BBPLL_BBADC_DSMP, 0x74}, {I2C_BBPLL_OC_LREF, 0x00},
            {I2C_BBPLL_OC_DIV_7_0, 0x1C}, {I2C_BBPLL_OC_DCUR, 0xC6}},
        {{I2C_BBPLL_ENDIV5, 0xC3}, {I2C_BBPLL_BBADC_DSMP, 0x74}, {I2C_BBPLL_OC_LREF, 0xCC},
            {I2C_BBPLL_OC_DIV_7_0, 0x90}, {I2C_BBPLL_OC_DCUR, 0x40}}},
};

/* Both halves, as the ROM notes it. */
static void note_peripheral_hz(uint32_t hz) {
    reg_write(RTC_APB_FREQ_REG, (hz >> 12) * 0x10001u);
}

static void note_crystal(uint32_t crystal_mhz) {
    reg_write(RTC_XTAL_FREQ_REG, (crystal_mhz | (reg_read(RTC_XTAL_FREQ_REG) & DISABLE_ROM_LOG)) * 0x10001u);
}

static void set_core_voltage(uint32_t bias) {
    reg_field(RTC_CNTL_REG, RTC_CNTL_DIG_DBIAS_WAK_M, bias << RTC_CNTL_DIG_DBIAS_WAK_S);
}

/* rtc_clk_cpu_freq_to_xtal */
void clock_to_crystal(uint32_t crystal_mhz) {
    reg_clear(SYSCON_SYSCLK_CONF_REG, SYSCON_PRE_DIV_CNT);
    reg_write(SYSCON_XTAL_TICK_CONF_REG, crystal_mhz - 1);
    reg_field(RTC_CNTL_CLK_CONF_REG, RTC_CNTL_SOC_CLK_SEL_M, RTC_CNTL_SOC_CLK_SEL_XTAL);
    note_peripheral_hz(crystal_mhz * 1000000u);
    set_core_voltage(RTC_CNTL_DBIAS_1V10);
    wait_cycles(SLOW_CYCLE_US * crystal_mhz);
}

/* rtc_clk_init: a watchdog's reset clears the CPU's period and keeps the PLL's 480 MHz, which makes 120 MHz of the
   peripherals' 80. rtc_clk_bbpll_disable. */
void clock_leave_pll(uint32_t crystal_mhz) {
    if (!on_pll()) {
        return;
    }
    clock_to_crystal(crystal_mhz);
    reg_set(RTC_CNTL_OPTIONS0_REG, PLL_POWER_DOWN);
    if ((reg_read(RTC_CNTL_ANA_CONF_REG) & RTC_CNTL_PLLA_FORCE_PD) != 0) { /* nobody else is on that bus */
        reg_set(RTC_CNTL_OPTIONS0_REG, RTC_CNTL_BIAS_I2C_FORCE_PD);
    }
}

/* rtc_clk_cpu_freq_set_config, rtc_clk_bbpll_enable, rtc_clk_bbpll_configure, rtc_clk_cpu_freq_to_pll_mhz */
bool clock_to_pll(uint32_t crystal_mhz, uint32_t cpu_mhz, uint32_t flash_mhz) {
    const bool fastest = cpu_mhz == 240;
    const uint32_t bias = fastest || flash_mhz == 80 ? RTC_CNTL_DBIAS_1V25 : RTC_CNTL_DBIAS_1V10;
    clock_leave_pll(crystal_mhz); /* it cannot be set up while the CPU runs on it */
    reg_set(ANA_CONFIG_REG, ANA_CONFIG_M << ANA_CONFIG_S);
    reg_clear(ANA_CONFIG_REG, I2C_BBPLL_M);
    note_crystal(crystal_mhz);

    reg_clear(RTC_CNTL_OPTIONS0_REG, RTC_CNTL_BIAS_I2C_FORCE_PD);
    reg_clear(RTC_CNTL_OPTIONS0_REG, PLL_POWER_DOWN);
    bool done = pll_write_all(PLL_RESET, sizeof PLL_RESET / sizeof PLL_RESET[0]);
    wait_cycles(SLOW_CYCLE_US * crystal_mhz);

    set_core_voltage(bias);
    wait_cycles(VOLTAGE_US * crystal_mhz);
    done = pll_write_all(PLL[fastest][crystal_mhz == 26], PLL_SETTINGS) && done;
    wait_cycles(PLL_LOCK_US * crystal_mhz);
    if (!done) {
        return false; /* stay on the crystal: slow, but able to say so */
    }
    reg_write(DPORT_CPU_PER_CONF_REG, fastest ? 2 : 1);
    reg_write(SYSCON_PLL_TICK_CONF_REG, PERIPHERAL_HZ / 1000000u - 1);
    reg_field(RTC_CNTL_CLK_CONF_REG, RTC_CNTL_SOC_CLK_SEL_M, RTC_CNTL_SOC_CLK_SEL_PLL);
    note_peripheral_hz(PERIPHERAL_HZ);
    wait_cycles(SWITCH_US * cpu_mhz);
    return true;
}
