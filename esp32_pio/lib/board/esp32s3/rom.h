/* Functions of the ROM, which has them at the same place in all revisions: addresses of ESP-IDF's
   esp_hal_regi2c/esp32s3/rom.regi2c.ld and esp_rom/esp32s3/ld/esp32s3.rom.ld. They need the ROM's data from 0x3FCEEE34
   on ("used in startup code and when IDF runs": bootloader/subproject/main/ld/esp32s3/bootloader.memory.ld.in), which
   esp32s3.ld leaves alone. */
#ifndef ROM_H
#define ROM_H

/* (block, host, register, value) and (block, host, register, msb, lsb, value): esp_hal_regi2c's regi2c_impl.h */
#define ROM_REGI2C_WRITE      0x40005D60u
#define ROM_REGI2C_WRITE_MASK 0x40005D6Cu

/* (), and (autoload): esp_rom/esp32s3/include/esp32s3/rom/cache.h */
#define ROM_CACHE_DISABLE_ICACHE 0x4000186Cu
#define ROM_CACHE_ENABLE_ICACHE  0x40001878u
#define ROM_CACHE_DISABLE_DCACHE 0x40001884u
#define ROM_CACHE_ENABLE_DCACHE  0x40001890u

#endif
