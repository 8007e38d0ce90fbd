/* The clock: the crystal's or the PLL's, and the core's voltage that goes with it. ESP-IDF:
   esp_hw_support/port/esp32s3's rtc_clk.c and rtc_init.c, esp_hal_clock/esp32s3/include/hal/clk_tree_ll.h. */
#include "drivers.h"
#include "register_bits.h"
#include "soc/regi2c_reg.h"
#include "soc/rtc_cntl_reg.h"
#include "soc/system_reg.h"

enum {
    TIMEOUT_CYCLES = 400000,          /* 10 ms on the crystal */
    CALIBRATED_CYCLES = 10 * CPU_MHZ, /* 10 us at least, whatever the clock */
    VOLTAGE_CYCLES = 40 * CPU_MHZ,    /* 40 us at least */
};

static bool on_pll(void) {
    return (reg_read(SYSTEM_SYSCLK_CONF_REG) & SYSTEM_SOC_CLK_SEL_M) == SYSTEM_SOC_CLK_SEL_PLL;
}

/* rtc_init: the regulators are on. */
static bool regulators_on(void) {
    bool done = regi2c_write_mask(I2C_DIG_REG, I2C_DIG_REG_XPD, 2, 2, 0);
    done = regi2c_write_mask(I2C_DIG_REG, I2C_DIG_REG_XPD, 3, 3, 0) && done;
    return done;
}

static bool set_core_voltage(bool fastest) {
    const core_voltage voltage = efuse_core_voltage(fastest);
    bool done = regi2c_write_mask(I2C_DIG_REG, I2C_DIG_REG_EXT_RTC_DREG, 4, 0, voltage.rtc);
    done = regi2c_write_mask(I2C_DIG_REG, I2C_DIG_REG_EXT_DIG_DREG, 4, 0, voltage.digital) && done;
    wait_cycles(VOLTAGE_CYCLES);
    return done;
}

/* How many of the regulator's six parts are off: DEFAULT_LDO_SLAVE (soc/rtc.h) at the crystal's speed, shifted by
   CPU_MHZ / 80, which leaves none, at 240. */
static void set_regulator_parts_off(uint32_t off) {
    reg_field(RTC_CNTL_DATE_REG, RTC_CNTL_SLAVE_PD_M, off << RTC_CNTL_SLAVE_PD_S);
}

/* clk_ll_bbpll_set_config: 480 MHz from a crystal of 40. */
static bool configure_pll(void) {
    bool done = regi2c_write(I2C_BBPLL, I2C_BBPLL_MODE_HF, 0x6B);
    done = regi2c_write(I2C_BBPLL, I2C_BBPLL_OC_REF_DIV, 0x50) && done;
    done = regi2c_write(I2C_BBPLL, I2C_BBPLL_OC_DIV_7_0, 8) && done;
    done = regi2c_write_mask(I2C_BBPLL, I2C_BBPLL_OC_DR, 2, 0, 0) && done;
    done = regi2c_write_mask(I2C_BBPLL, I2C_BBPLL_OC_DR, 6, 4, 0) && done;
    done = regi2c_write(I2C_BBPLL, I2C_BBPLL_OC_DCUR, 0x73) && done;
    return regi2c_write_mask(I2C_BBPLL, I2C_BBPLL_OC_VCO_DBIAS, 1, 0, 3) && done;
}

/* rtc_clk_bbpll_enable, rtc_clk_bbpll_configure */
static bool start_pll(void) {
    reg_clear(RTC_CNTL_OPTIONS0_REG,
        RTC_CNTL_BB_I2C_FORCE_PD | RTC_CNTL_BBPLL_FORCE_PD | RTC_CNTL_BBPLL_I2C_FORCE_PD);
    reg_set(SYSTEM_CPU_PER_CONF_REG, SYSTEM_PLL_FREQ_SEL);
    reg_clear(I2C_MST_ANA_CONF0_REG, I2C_MST_BBPLL_STOP_FORCE_HIGH);
    reg_set(I2C_MST_ANA_CONF0_REG, I2C_MST_BBPLL_STOP_FORCE_LOW);
    const bool done = configure_pll();
    const bool calibrated =
        reg_wait(I2C_MST_ANA_CONF0_REG, I2C_MST_BBPLL_CAL_DONE, I2C_MST_BBPLL_CAL_DONE, TIMEOUT_CYCLES);
    wait_cycles(CALIBRATED_CYCLES);
    reg_clear(I2C_MST_ANA_CONF0_REG, I2C_MST_BBPLL_STOP_FORCE_LOW);
    reg_set(I2C_MST_ANA_CONF0_REG, I2C_MST_BBPLL_STOP_FORCE_HIGH);
    return done && calibrated;
}

/* rtc_clk_cpu_freq_set_config, rtc_clk_cpu_freq_to_pll_mhz. A watchdog that resets the CPU alone leaves it on the
   PLL. */
bool clock_to_pll(void) {
    if (!regulators_on() || (!on_pll() && !start_pll()) || !set_core_voltage(true)) {
        return false; /* stay on the crystal: slow, but able to say so */
    }
    set_regulator_parts_off(0);
    reg_field(SYSTEM_CPU_PER_CONF_REG, SYSTEM_CPUPERIOD_SEL, SYSTEM_CPUPERIOD_SEL_240);
    reg_clear(SYSTEM_SYSCLK_CONF_REG, SYSTEM_PRE_DIV_CNT);
    reg_field(SYSTEM_SYSCLK_CONF_REG, SYSTEM_SOC_CLK_SEL_M, SYSTEM_SOC_CLK_SEL_PLL);
    return true;
}

/* rtc_clk_cpu_set_to_default_config, rtc_clk_cpu_freq_to_xtal */
void clock_to_crystal(void) {
    const bool was_fast = on_pll();
    reg_clear(SYSTEM_SYSCLK_CONF_REG, SYSTEM_PRE_DIV_CNT);
    reg_field(SYSTEM_SYSCLK_CONF_REG, SYSTEM_SOC_CLK_SEL_M, SYSTEM_SOC_CLK_SEL_XTAL);
    if (was_fast) {
        set_core_voltage(false);
    }
    set_regulator_parts_off(DEFAULT_LDO_SLAVE);
}
