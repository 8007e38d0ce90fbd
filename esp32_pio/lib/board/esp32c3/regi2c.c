/* The bus to the analogue blocks. ESP-IDF calls the ROM for it (esp_rom_regi2c_write, esp_rom_regi2c_write_mask); these
   are the ROM's accesses (rom_i2c_writeReg, rom_i2c_readReg of api1-20210207), without the ROM's memory. */
#include "drivers.h"
#include "register_bits.h"
#include "soc/regi2c_reg.h"

enum { TIMEOUT_CYCLES = 400000 }; /* 10 ms on the crystal */

/* rtc_clk_init: regi2c_ctrl_ll_i2c_reset, regi2c_ctrl_ll_i2c_bbpll_enable. */
void regi2c_enable(void) {
    reg_set(ANA_CONFIG_REG, ANA_CONFIG_M << ANA_CONFIG_S);
    reg_clear(ANA_CONFIG_REG, ANA_I2C_BBPLL_M);
}

static uint32_t block_bit(uint32_t block) {
    return block == I2C_BBPLL ? ANA_I2C_BBPLL_M : block == I2C_DIG_REG ? ANA_I2C_DIG_REG_M : ANA_I2C_BOD_M;
}

static bool run(uint32_t block, uint32_t command) {
    reg_write(ANA_CONFIG_REG, ~block_bit(block));
    const bool idle = reg_wait(I2C_MST_I2C0_CTRL_REG, I2C_MST_BUSY, 0, TIMEOUT_CYCLES);
    reg_write(I2C_MST_I2C0_CTRL_REG, I2C_MST_COMMAND | command | block);
    return reg_wait(I2C_MST_I2C0_CTRL_REG, I2C_MST_BUSY, 0, TIMEOUT_CYCLES) && idle;
}

bool regi2c_write(uint32_t block, uint32_t reg, uint32_t value) {
    reg_field(ANA_CONFIG2_REG, ANA_CONFIG2_HOST_M, ANA_CONFIG2_HOST_0);
    return run(block, I2C_MST_WRITE | value << I2C_MST_DATA_S | reg << I2C_MST_REGISTER_S);
}

static bool read(uint32_t block, uint32_t reg, uint32_t *value) {
    const bool done = run(block, reg << I2C_MST_REGISTER_S);
    *value = reg_read(I2C_MST_I2C0_CTRL_REG) >> I2C_MST_DATA_S & 0xFFu;
    return done;
}

bool regi2c_write_mask(uint32_t block, uint32_t reg, uint32_t msb, uint32_t lsb, uint32_t value) {
    const uint32_t mask = ((2u << (msb - lsb)) - 1) << lsb;
    uint32_t old;
    return read(block, reg, &old) && regi2c_write(block, reg, (old & ~mask) | (value << lsb & mask));
}
