/* Calls to the emulator, by their numbers in QEMU's target/xtensa/xtensa-semi.c. */
#ifndef SIMULATOR_H
#define SIMULATOR_H

#include <stdint.h>

enum { CALL_EXIT = 1, CALL_READ = 3, CALL_WRITE = 4, CALL_OPEN = 5, CALL_SEEK = 19, CALL_SELECT = 29 };
enum { STDIN = 0, STDOUT = 1, SELECT_READ = 1 };

/* With -icount CCOUNT runs at 40 MHz of virtual time, whatever the guest does. */
enum { CYCLES_PER_MICROSECOND = 40 };

/* Memory that no section is linked to, for a camera's frame: the ESP32's PSRAM lies there. */
enum { CAMERA_MEMORY = 0x3F800000, CAMERA_MEMORY_BYTES = 4 << 20 };

static int32_t simulator_call(uint32_t call, uint32_t a, uint32_t b, uint32_t c) {
    register uint32_t a2 __asm__("a2") = call;
    register uint32_t a3 __asm__("a3") = a;
    register uint32_t a4 __asm__("a4") = b;
    register uint32_t a5 __asm__("a5") = c;
    __asm__ volatile("simcall" : "+r"(a2), "+r"(a3) : "r"(a4), "r"(a5) : "memory");
    return (int32_t)a2;
}

static inline void simulator_exit(uint32_t code) {
    simulator_call(CALL_EXIT, code, 0, 0);
}

/* How many bytes have come, 0 after `timeout_ms`, -1 when the host has closed the line. */
static inline int32_t simulator_read(uint8_t *buffer, uint32_t bytes, uint32_t timeout_ms) {
    const uint32_t wait[2] = {timeout_ms / 1000u, timeout_ms % 1000u * 1000u}; /* seconds, microseconds */
    if (simulator_call(CALL_SELECT, STDIN, SELECT_READ, (uint32_t)(uintptr_t)wait) <= 0) {
        return 0;
    }
    const int32_t got = simulator_call(CALL_READ, STDIN, (uint32_t)(uintptr_t)buffer, bytes);
    return got > 0 ? got : -1;
}

static inline void simulator_write(const uint8_t *bytes, uint32_t count) {
    simulator_call(CALL_WRITE, STDOUT, (uint32_t)(uintptr_t)bytes, count);
}

/* A file of the host's, to be read; below 0: there is none. */
static inline int32_t simulator_open_file(const char *name) {
    return simulator_call(CALL_OPEN, (uint32_t)(uintptr_t)name, 0, 0);
}

/* As many bytes of it, less when it ends. */
static inline uint32_t simulator_read_file(int32_t file, uint8_t *buffer, uint32_t bytes) {
    uint32_t held = 0;
    for (int32_t got = 1; got > 0 && held < bytes;) {
        got = simulator_call(CALL_READ, (uint32_t)file, (uint32_t)(uintptr_t)(buffer + held), bytes - held);
        held += got > 0 ? (uint32_t)got : 0;
    }
    return held;
}

static inline void simulator_rewind(int32_t file) {
    simulator_call(CALL_SEEK, (uint32_t)file, 0, 0);
}

static inline uint32_t simulator_cycles(void) {
    uint32_t count;
    __asm__ volatile("rsr %0, ccount" : "=a"(count));
    return count;
}

#endif
