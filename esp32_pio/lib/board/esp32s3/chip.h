/* What the drivers of espressif/ have to know of an ESP32-S3, beside the places of its registers (soc/). */
#ifndef CHIP_H
#define CHIP_H

#define CHIP_ENV "esp32s3"

enum { CRYSTAL_MHZ = 40, CPU_MHZ = 240 }; /* esptool knows no other crystal; all are rated alike */
enum { BUTTON_PIN = 0, SDA_PIN = 8, SCL_PIN = 9 };

#endif
