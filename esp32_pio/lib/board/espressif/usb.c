/* The USB device that is a serial port. ESP-IDF: esp_hal_usb's usb_serial_jtag_ll.h of both chips
   (usb_serial_jtag_ll_write_txfifo, _txfifo_flush, _read_rxfifo); how long a computer is waited for:
   usb_serial_jtag_tx_char_no_driver of esp_driver_usb_serial_jtag's usb_serial_jtag_vfs.c, 50 ms once. */
#include "drivers.h"
#include "register_bits.h"
#include "soc/usb_serial_jtag_reg.h"

enum { TIMEOUT_CYCLES = 50000 * CPU_MHZ };

static bool room(void) {
    return (reg_read(USB_SERIAL_JTAG_EP1_CONF_REG) & USB_SERIAL_JTAG_SERIAL_IN_EP_DATA_FREE) != 0;
}

void usb_write(const uint8_t *bytes, uint32_t count) {
    static bool unread; /* a whole time-out passed, and nobody took what is there */
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t start = cycle_count();
        while (!room()) {
            unread = unread || cycle_count() - start >= TIMEOUT_CYCLES;
            if (unread) {
                return;
            }
        }
        unread = false;
        reg_write(USB_SERIAL_JTAG_EP1_REG, bytes[i]);
    }
    reg_write(USB_SERIAL_JTAG_EP1_CONF_REG, USB_SERIAL_JTAG_WR_DONE);
}

uint32_t usb_read(uint8_t *buffer, uint32_t bytes) {
    uint32_t count = 0;
    while (count < bytes &&
           (reg_read(USB_SERIAL_JTAG_EP1_CONF_REG) & USB_SERIAL_JTAG_SERIAL_OUT_EP_DATA_AVAIL) != 0) {
        buffer[count++] = (uint8_t)reg_read(USB_SERIAL_JTAG_EP1_REG);
    }
    return count;
}
