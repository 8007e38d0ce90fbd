/* The serial port that is a USB device: names and values of ESP-IDF's
   soc/esp32s3/register/soc/usb_serial_jtag_reg.h. */
#ifndef USB_SERIAL_JTAG_REG_H
#define USB_SERIAL_JTAG_REG_H

#define USB_SERIAL_JTAG_EP1_REG      0x60038000u
#define USB_SERIAL_JTAG_EP1_CONF_REG 0x60038004u

/* USB_SERIAL_JTAG_EP1_CONF_REG */
#define USB_SERIAL_JTAG_WR_DONE                  (1u << 0)
#define USB_SERIAL_JTAG_SERIAL_IN_EP_DATA_FREE   (1u << 1)
#define USB_SERIAL_JTAG_SERIAL_OUT_EP_DATA_AVAIL (1u << 2)

#endif
