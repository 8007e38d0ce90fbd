/* The internal bus that reaches the PLL: names and values of ESP-IDF's soc/esp32/include/soc/regi2c_defs.h and
   regi2c_bbpll.h. ANA_BUS_...: what the ROM's rom_i2c_writeReg writes; ESP-IDF has no names for it. */
#ifndef REGI2C_REG_H
#define REGI2C_REG_H

#define ANA_CONFIG_REG 0x6000E044u /* which analogue blocks the bus reaches */
#define ANA_CONFIG_M   0x3FFu
#define ANA_CONFIG_S   8
#define I2C_BBPLL_M    (1u << 17)
#define ANA_BUS_REG    0x6000E010u

#define I2C_BBPLL          0x66u
#define ANA_BUS_WRITE      (1u << 24)
#define ANA_BUS_BUSY       (1u << 25)
#define ANA_BUS_REGISTER_S 8
#define ANA_BUS_DATA_S     16

/* Registers of the block. */
enum {
    I2C_BBPLL_IR_CAL_DELAY = 0,
    I2C_BBPLL_IR_CAL_EXT_CAP = 1,
    I2C_BBPLL_OC_LREF = 2,
    I2C_BBPLL_OC_DIV_7_0 = 3,
    I2C_BBPLL_OC_ENB_FCAL = 4,
    I2C_BBPLL_OC_DCUR = 5,
    I2C_BBPLL_BBADC_DSMP = 9,
    I2C_BBPLL_OC_ENB_VCON = 10,
    I2C_BBPLL_ENDIV5 = 11,
    I2C_BBPLL_BBADC_CAL_7_0 = 12,
};

#endif
