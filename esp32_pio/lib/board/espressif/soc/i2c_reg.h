/* I2C controller 0, the same on both chips: names and values of ESP-IDF's soc/CHIP/register/soc/i2c_reg.h and
   esp_hal_i2c's i2c_ll.h. */
#ifndef I2C_REG_H
#define I2C_REG_H

#define I2C_SCL_LOW_PERIOD_REG   0x60013000u
#define I2C_CTR_REG              0x60013004u
#define I2C_TO_REG               0x6001300Cu
#define I2C_FIFO_CONF_REG        0x60013018u
#define I2C_DATA_REG             0x6001301Cu
#define I2C_INT_RAW_REG          0x60013020u
#define I2C_INT_CLR_REG          0x60013024u
#define I2C_SDA_HOLD_REG         0x60013030u
#define I2C_SDA_SAMPLE_REG       0x60013034u
#define I2C_SCL_HIGH_PERIOD_REG  0x60013038u
#define I2C_SCL_START_HOLD_REG   0x60013040u
#define I2C_SCL_RSTART_SETUP_REG 0x60013044u
#define I2C_SCL_STOP_HOLD_REG    0x60013048u
#define I2C_SCL_STOP_SETUP_REG   0x6001304Cu
#define I2C_CLK_CONF_REG         0x60013054u
#define I2C_COMD0_REG            0x60013058u /* and four bytes further for each of the 8 */

/* I2C_CTR_REG */
#define I2C_SDA_FORCE_OUT (1u << 0)
#define I2C_SCL_FORCE_OUT (1u << 1)
#define I2C_MS_MODE       (1u << 4)
#define I2C_TRANS_START   (1u << 5)
#define I2C_CLK_EN        (1u << 8)
#define I2C_CONF_UPGATE   (1u << 11)
#define I2C_TIME_OUT_EN   (1u << 5) /* I2C_TO_REG */
/* I2C_FIFO_CONF_REG */
#define I2C_RX_FIFO_RST (1u << 12)
#define I2C_TX_FIFO_RST (1u << 13)
/* I2C_INT_RAW_REG, and I2C_INT_CLR_REG */
#define I2C_ARBITRATION_LOST_INT_RAW (1u << 5)
#define I2C_TRANS_COMPLETE_INT_RAW   (1u << 7)
#define I2C_TIME_OUT_INT_RAW         (1u << 8)
#define I2C_NACK_INT_RAW             (1u << 10)
#define I2C_ALL_INT                  0x3FFFFu
#define I2C_SCL_WAIT_HIGH_PERIOD_S   9          /* I2C_SCL_HIGH_PERIOD_REG */
#define I2C_SCLK_ACTIVE              (1u << 21) /* I2C_CLK_CONF_REG; the source, bit 20: 0 is the crystal */
/* I2C_COMD0_REG: what to do (bits 13:11), whether to look at the acknowledgement, how many bytes: i2c_ll_hw_cmd_t */
#define I2C_CMD_RESTART (6u << 11)
#define I2C_CMD_WRITE   (1u << 11)
#define I2C_CMD_STOP    (2u << 11)
#define I2C_CMD_ACK_EN  (1u << 8)

#endif
