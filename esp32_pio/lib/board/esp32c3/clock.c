/* The clock: the crystal's or the PLL's, and the core's voltage that goes with it. ESP-IDF:
   esp_hw_support/port/esp32c3's rtc_clk.c and rtc_init.c, esp_hal_clock/esp32c3/include/hal/clk_tree_ll.h. */
#include "drivers.h"
#include "register_bits.h"
#include "soc/regi2c_reg.h"
#include "soc/rtc_cntl_reg.h"
#include "soc/system_reg.h"

static const uint32_t PERIPHERAL_HZ = 80000000u;

/* clk_ll_apb_store_freq_hz */
static void note_peripheral_hz(uint32_t hz) {
    reg_write(RTC_APB_FREQ_REG, (hz >> 12) * 0x10001u);
}

static bool on_pll(void) {
    return (reg_read(SYSTEM_SYSCLK_CONF_REG) & SYSTEM_SOC_CLK_SEL_M) == SYSTEM_SOC_CLK_SEL_PLL;
}

/* rtc_init: the regulators are on, set_rtc_dig_dbias. */
static bool set_core_voltage(void) {
    const core_voltage voltage = efuse_core_voltage(true);
    bool done = regi2c_write_mask(I2C_DIG_REG, I2C_DIG_REG_XPD, 3, 3, 0);
    done = regi2c_write_mask(I2C_DIG_REG, I2C_DIG_REG_XPD, 2, 2, 0) && done;
    done = regi2c_write_mask(I2C_DIG_REG, I2C_DIG_REG_EXT_RTC_DREG, 4, 0, voltage.rtc) && done;
    return regi2c_write_mask(I2C_DIG_REG, I2C_DIG_REG_EXT_DIG_DREG, 4, 0, voltage.digital) && done;
}

/* clk_ll_bbpll_set_config: 480 MHz from a crystal of 40. */
static bool configure_pll(void) {
    bool done = regi2c_write(I2C_BBPLL, I2C_BBPLL_MODE_HF, 0x6B);
    done = regi2c_write(I2C_BBPLL, I2C_BBPLL_OC_REF_DIV, 0x50) && done;
    done = regi2c_write(I2C_BBPLL, I2C_BBPLL_OC_DIV_7_0, 8) && done;
    done = regi2c_write_mask(I2C_BBPLL, I2C_BBPLL_OC_DR, 2, 0, 0) && done;
    done = regi2c_write_mask(I2C_BBPLL, I2C_BBPLL_OC_DR, 6, 4, 0) && done;
    done = regi2c_write(I2C_BBPLL, I2C_BBPLL_OC_DCUR, 0x93) && done;
    done = regi2c_write_mask(I2C_BBPLL, I2C_BBPLL_OC_VCO_DBIAS, 1, 0, 2) && done;
    done = regi2c_write_mask(I2C_BBPLL, I2C_BBPLL_OC_DCUR, 5, 4, 2) && done;
    return regi2c_write_mask(I2C_BBPLL, I2C_BBPLL_OC_DCUR, 7, 6, 1) && done;
}

/* rtc_clk_bbpll_enable, rtc_clk_bbpll_configure: calibration starts and is never stopped. */
static bool start_pll(void) {
    reg_clear(RTC_CNTL_OPTIONS0_REG,
        RTC_CNTL_BB_I2C_FORCE_PD | RTC_CNTL_BBPLL_FORCE_PD | RTC_CNTL_BBPLL_I2C_FORCE_PD);
    reg_set(SYSTEM_CPU_PER_CONF_REG, SYSTEM_PLL_FREQ_SEL);
    reg_clear(I2C_MST_ANA_CONF0_REG, I2C_MST_BBPLL_STOP_FORCE_HIGH);
    reg_set(I2C_MST_ANA_CONF0_REG, I2C_MST_BBPLL_STOP_FORCE_LOW);
    return configure_pll();
}

/* rtc_clk_cpu_freq_set_config, rtc_clk_cpu_freq_to_pll_mhz. A watchdog that resets the CPU alone leaves it on the
   PLL. */
bool clock_to_pll(void) {
    if (!set_core_voltage() || (!on_pll() && !start_pll())) {
        return false; /* stay on the crystal: slow, but able to say so */
    }
    reg_field(SYSTEM_CPU_PER_CONF_REG, SYSTEM_CPUPERIOD_SEL, SYSTEM_CPUPERIOD_SEL_160);
    reg_clear(SYSTEM_SYSCLK_CONF_REG, SYSTEM_PRE_DIV_CNT);
    reg_field(SYSTEM_SYSCLK_CONF_REG, SYSTEM_SOC_CLK_SEL_M, SYSTEM_SOC_CLK_SEL_PLL);
    note_peripheral_hz(PERIPHERAL_HZ);
    return true;
}

/* rtc_clk_cpu_set_to_default_config */
void clock_to_crystal(void) {
    reg_clear(SYSTEM_SYSCLK_CONF_REG, SYSTEM_PRE_DIV_CNT);
    reg_field(SYSTEM_SYSCLK_CONF_REG, SYSTEM_SOC_CLK_SEL_M, SYSTEM_SOC_CLK_SEL_XTAL);
    note_peripheral_hz(CRYSTAL_MHZ * 1000000u);
}
