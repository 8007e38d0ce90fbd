/* CRC-32, a nibble at a time. */
#include "crc32.h"

/* Remainders of the 16 values of a nibble: 64 bytes instead of 1 KB, two steps a byte. */
static const uint32_t nibble_remainder[16] = {
    0x00000000u,
    0x1DB71064u,
    0x3B6E20C8u,
    0x26D930ACu,
    0x76DC4190u,
    0x6B6B51F4u,
    0x4DB26158u,
    0x5005713Cu,
    0xEDB88320u,
    0xF00F9344u,
    0xD6D6A3E8u,
    0xCB61B38Cu,
    0x9B64C2B0u,
    0x86D3D2D4u,
    0xA00AE278u,
    0xBDBDF21Cu,
};

uint32_t sqz_crc32(uint32_t crc, const void *data, size_t bytes) {
    const uint8_t *p = data;
    crc = ~crc;
    while (bytes--) {
        crc ^= *p++;
        crc = (crc >> 4) ^ nibble_remainder[crc & 15u];
        crc = (crc >> 4) ^ nibble_remainder[crc & 15u];
    }
    return ~crc;
}
