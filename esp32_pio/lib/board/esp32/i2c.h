/* Transfers to devices at 400 kHz, SDA on GPIO21, SCL on GPIO22. */
#ifndef I2C_H
#define I2C_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    I2C_DONE,
    I2C_REFUSED, /* nobody has this address, or the device took no more */
    I2C_STUCK,   /* the bus did not move */
} i2c_result;

enum { I2C_LONGEST = 31 }; /* bytes of a transfer: the controller holds 32, with the address */

/* Also after a transfer that was not done: controller and devices begin anew. False when somebody holds a line low. */
bool i2c_init(uint32_t peripheral_hz);
i2c_result i2c_write(uint32_t address, const uint8_t *bytes, uint32_t count);

#endif
