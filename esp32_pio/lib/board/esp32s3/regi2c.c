/* The bus to the analogue blocks. As in ESP-IDF the ROM drives it (regi2c_impl.h: esp_hal_regi2c has no code of this
   chip's own, only rom.regi2c.ld), and waits for it without end. */
#include "drivers.h"
#include "register_bits.h"
#include "rom.h"
#include "soc/regi2c_reg.h"

/* rtc_clk_init: regi2c_ctrl_ll_i2c_reset, regi2c_ctrl_ll_i2c_bbpll_enable. */
void regi2c_enable(void) {
    reg_set(ANA_CONFIG_REG, ANA_CONFIG_M << ANA_CONFIG_S);
    reg_clear(ANA_CONFIG_REG, I2C_BBPLL_M);
}

bool regi2c_write(uint32_t block, uint32_t reg, uint32_t value) {
    const uint32_t arguments[ROM_ARGUMENTS] = {block, REGI2C_HOST, reg, value};
    rom_call(ROM_REGI2C_WRITE, arguments);
    return true;
}

bool regi2c_write_mask(uint32_t block, uint32_t reg, uint32_t msb, uint32_t lsb, uint32_t value) {
    const uint32_t arguments[ROM_ARGUMENTS] = {block, REGI2C_HOST, reg, msb, lsb, value};
    rom_call(ROM_REGI2C_WRITE_MASK, arguments);
    return true;
}
