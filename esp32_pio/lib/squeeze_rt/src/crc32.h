/* CRC-32 as in zlib, gzip and PNG (reflected polynomial 0xEDB88320). */
#ifndef CRC32_H
#define CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Continues `crc` (0 at the start) over `bytes` bytes at `data`. */
uint32_t sqz_crc32(uint32_t crc, const void *data, size_t bytes);

#endif
