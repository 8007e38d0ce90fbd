/* Pins and their matrix: names and values of ESP-IDF's soc/esp32/register/soc/gpio_reg.h and
   soc/esp32/include/soc/gpio_sig_map.h. */
#ifndef GPIO_REG_H
#define GPIO_REG_H

#define GPIO_OUT_W1TS_REG          0x3FF44008u
#define GPIO_OUT_W1TC_REG          0x3FF4400Cu
#define GPIO_OUT1_W1TS_REG         0x3FF44014u /* pins from 32 on */
#define GPIO_OUT1_W1TC_REG         0x3FF44018u
#define GPIO_ENABLE_W1TS_REG       0x3FF44024u
#define GPIO_ENABLE1_W1TS_REG      0x3FF44030u
#define GPIO_STRAP_REG             0x3FF44038u
#define GPIO_IN_REG                0x3FF4403Cu
#define GPIO_PIN0_REG              0x3FF44088u /* and four bytes further for each pin */
#define GPIO_FUNC0_IN_SEL_CFG_REG  0x3FF44130u /* for each signal */
#define GPIO_FUNC0_OUT_SEL_CFG_REG 0x3FF44530u /* for each pin */

#define GPIO_STRAP_MTDI                                                                                      \
    (1u << 5) /* GPIO_STRAP_REG, in the numbering of rtc_init.c: high is 1.8 V for the flash */

#define GPIO_PIN0_PAD_DRIVER (1u << 2) /* open drain */
#define GPIO_SIG0_IN_SEL     (1u << 7) /* the signal comes through the matrix, not straight from IO_MUX */
#define SIG_GPIO_OUT_IDX     256u      /* the pin shows what software wrote */

/* Signals, the same number in and out. */
enum {
    SPIQ_IN_IDX = 1,
    SPID_IN_IDX = 2,
    SPIHD_IN_IDX = 3,
    SPIWP_IN_IDX = 4,
    SPICS0_OUT_IDX = 5,
    I2CEXT0_SCL_IN_IDX = 29,
    I2CEXT0_SDA_IN_IDX = 30,
};

#endif
