/* What the drivers of espressif/ have to know of an ESP32-C3, beside the places of its registers (soc/). */
#ifndef CHIP_H
#define CHIP_H

#define CHIP_ENV "esp32c3"

enum { CRYSTAL_MHZ = 40, CPU_MHZ = 160 }; /* no C3 has another crystal, all are rated alike */
enum { BUTTON_PIN = 9, SDA_PIN = 5, SCL_PIN = 6 };

#endif
