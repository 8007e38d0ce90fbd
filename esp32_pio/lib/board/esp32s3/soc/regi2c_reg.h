/* The internal bus that reaches the analogue blocks: names and values of ESP-IDF's soc/esp32s3/include/soc:
   regi2c_defs.h, regi2c_bbpll.h, regi2c_dig_reg.h and regi2c_brownout.h. */
#ifndef REGI2C_REG_H
#define REGI2C_REG_H

#define I2C_MST_ANA_CONF0_REG 0x6000E040u
#define ANA_CONFIG_REG        0x6000E044u /* which analogue blocks the bus reaches */

/* I2C_MST_ANA_CONF0_REG */
#define I2C_MST_BBPLL_STOP_FORCE_HIGH (1u << 2)
#define I2C_MST_BBPLL_STOP_FORCE_LOW  (1u << 3)
#define I2C_MST_BBPLL_CAL_DONE        (1u << 24)
/* ANA_CONFIG_REG */
#define ANA_CONFIG_M 0x3FFu
#define ANA_CONFIG_S 8
#define I2C_BBPLL_M  (1u << 17)

/* Blocks, and registers of theirs; all are at host 1 (..._HOSTID). */
enum { REGI2C_HOST = 1 };
enum { I2C_BOD = 0x61, I2C_BBPLL = 0x66, I2C_DIG_REG = 0x6D };
enum {
    I2C_BBPLL_OC_REF_DIV = 2,
    I2C_BBPLL_OC_DIV_7_0 = 3,
    I2C_BBPLL_MODE_HF = 4,
    I2C_BBPLL_OC_DR = 5,
    I2C_BBPLL_OC_DCUR = 6,
    I2C_BBPLL_OC_VCO_DBIAS = 9,
};
enum { I2C_BOD_THRESHOLD = 5 };
enum { I2C_DIG_REG_EXT_RTC_DREG = 4, I2C_DIG_REG_EXT_DIG_DREG = 6, I2C_DIG_REG_XPD = 13 };

#endif
