/* Pins and their matrix: names and values of ESP-IDF's soc/esp32s3/register/soc/gpio_reg.h, io_mux_reg.h, rtc_io_reg.h
   and soc/esp32s3/include/soc/gpio_sig_map.h. */
#ifndef GPIO_REG_H
#define GPIO_REG_H

#define GPIO_OUT_W1TS_REG          0x60004008u
#define GPIO_OUT_W1TC_REG          0x6000400Cu
#define GPIO_OUT1_W1TS_REG         0x60004014u /* pins from 32 on */
#define GPIO_OUT1_W1TC_REG         0x60004018u
#define GPIO_ENABLE_W1TS_REG       0x60004024u
#define GPIO_ENABLE1_W1TS_REG      0x60004030u
#define GPIO_IN_REG                0x6000403Cu /* GPIO0 to 31, as those without a number */
#define GPIO_PIN0_REG              0x60004074u /* and four bytes further for each pin */
#define GPIO_FUNC0_IN_SEL_CFG_REG  0x60004154u /* for each signal */
#define GPIO_FUNC0_OUT_SEL_CFG_REG 0x60004554u /* for each pin */
#define IO_MUX_GPIO0_REG           0x60009004u /* for each pin */

#define RTC_IO_PAD0_REG    0x60008484u /* RTC_IO_TOUCH_PAD0_REG to RTC_IO_RTC_PAD21_REG: for each pin to 21 */
#define RTC_IO_PAD_MUX_SEL (1u << 19)  /* of all of them: the pad is the RTC's */

#define GPIO_PIN0_PAD_DRIVER (1u << 2) /* open drain */
#define GPIO_SIG0_IN_SEL     (1u << 7) /* the signal comes through the matrix, not straight from IO_MUX */
#define SIG_GPIO_OUT_IDX     256u      /* the pin shows what software wrote */
#define I2CEXT0_SCL_IN_IDX   89u       /* signals, the same number in and out */
#define I2CEXT0_SDA_IN_IDX   90u

#define FUN_PU        (1u << 8)
#define FUN_IE        (1u << 9)
#define FUN_DRV_S     10
#define MCU_SEL_S     12
#define PIN_FUNC_GPIO 1u /* through the GPIO matrix */

#endif
