/* What a pad is connected to, and how strongly it drives: names and values of ESP-IDF's
   soc/esp32/register/soc/io_mux_reg.h and rtc_io_reg.h. */
#ifndef IO_MUX_REG_H
#define IO_MUX_REG_H

#define IO_MUX_BASE               0x3FF49000u /* DR_REG_IO_MUX_BASE */
#define RTC_IO_BASE               0x3FF48400u /* DR_REG_RTCIO_BASE */
#define PERIPHS_IO_MUX_GPIO0_U    0x3FF49044u
#define PERIPHS_IO_MUX_SD_DATA2_U 0x3FF49054u /* GPIO 9: HD */
#define PERIPHS_IO_MUX_SD_DATA3_U 0x3FF49058u /* GPIO 10: WP */
#define PERIPHS_IO_MUX_SD_CMD_U   0x3FF4905Cu /* GPIO 11: CS0 */
#define PERIPHS_IO_MUX_SD_CLK_U   0x3FF49060u /* GPIO 6: CLK */
#define PERIPHS_IO_MUX_SD_DATA0_U 0x3FF49064u /* GPIO 7: Q */
#define PERIPHS_IO_MUX_SD_DATA1_U 0x3FF49068u /* GPIO 8: D */
#define PERIPHS_IO_MUX_GPIO21_U   0x3FF4907Cu
#define PERIPHS_IO_MUX_GPIO22_U   0x3FF49080u

#define FUN_PU    (1u << 8)
#define FUN_IE    (1u << 9)
#define FUN_DRV_S 10
#define FUN_DRV_M (3u << FUN_DRV_S)
#define MCU_SEL_S 12
#define MCU_SEL_M (7u << MCU_SEL_S)

#define PIN_FUNC_GPIO 2u /* through the GPIO matrix */
#define MSPI_FUNC_NUM 1u /* straight to the flash controller; soc/spi_pins.h */

/* GPIO 0's pad belongs to the RTC, too, and there its pull-up is: erratum GPIO-3.6. */
#define RTC_IO_TOUCH_PAD1_REG 0x3FF48498u
#define RTC_IO_TOUCH_PAD1_RUE (1u << 27)
#define RTC_IO_TOUCH_PAD1_RDE (1u << 28)

#endif
