/* Calls to the emulator: RISC-V semihosting, by the numbers of Arm's, whose it is. */
#ifndef SIMULATOR_H
#define SIMULATOR_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SYS_OPEN = 1,
    SYS_WRITE = 5,
    SYS_READ = 6,
    SYS_SEEK = 10,
    SYS_EXIT_EXTENDED = 0x20,
    SYS_ELAPSED = 0x30
};
enum { OPEN_READ = 0, OPEN_READ_BINARY = 1, OPEN_WRITE = 4, STOPPED_APPLICATION_EXIT = 0x20026 };

/* With -icount this core's counter tells the virtual time in nanoseconds. What is handed out runs at 40 MHz, as on the
   Xtensa cores. */
enum { CYCLES_PER_MICROSECOND = 40, CYCLE_NANOSECONDS = 25 };

/* Memory that no section is linked to, for a camera's frame. */
enum { CAMERA_MEMORY = 0x3D000000, CAMERA_MEMORY_BYTES = 4 << 20 };

/* The three instructions that mark the call may not be compressed. */
static inline int32_t simulator_call(uint32_t call, const void *arguments) {
    register uint32_t a0 __asm__("a0") = call;
    register const void *a1 __asm__("a1") = arguments;
    __asm__ volatile(".option push\n"
                     ".option norvc\n"
                     ".balign 16\n" /* on one page */
                     "slli zero, zero, 0x1f\n"
                     "ebreak\n"
                     "srai zero, zero, 7\n"
                     ".option pop"
        : "+r"(a0)
        : "r"(a1)
        : "memory");
    return (int32_t)a0;
}

/* The console's two ends are files of this name. */
static inline uint32_t simulator_open(uint32_t mode) {
    const uint32_t arguments[3] = {(uint32_t)(uintptr_t)":tt", mode, 3};
    return (uint32_t)simulator_call(SYS_OPEN, arguments);
}

static inline void simulator_exit(uint32_t code) {
    const uint32_t arguments[2] = {STOPPED_APPLICATION_EXIT, code};
    simulator_call(SYS_EXIT_EXTENDED, arguments);
}

/* The host's time, milliseconds. */
static inline uint32_t simulator_host_ms(void) {
    uint64_t nanoseconds;
    simulator_call(SYS_ELAPSED, &nanoseconds);
    return (uint32_t)(nanoseconds / 1000000u);
}

/* A file of the host's, to be read; below 0: there is none. */
static inline int32_t simulator_open_file(const char *name) {
    uint32_t bytes = 0;
    while (name[bytes] != '\0') {
        bytes++;
    }
    const uint32_t arguments[3] = {(uint32_t)(uintptr_t)name, OPEN_READ_BINARY, bytes};
    return simulator_call(SYS_OPEN, arguments);
}

/* As many bytes of it, less when it ends. */
static inline uint32_t simulator_read_file(int32_t file, uint8_t *buffer, uint32_t bytes) {
    const uint32_t arguments[3] = {(uint32_t)file, (uint32_t)(uintptr_t)buffer, bytes};
    return bytes - (uint32_t)simulator_call(SYS_READ, arguments); /* which returns how many it left */
}

static inline void simulator_rewind(int32_t file) {
    const uint32_t arguments[2] = {(uint32_t)file, 0};
    simulator_call(SYS_SEEK, arguments);
}

/* There is no way to ask whether something is there: the call that reads waits, the chip's time stands still. A socket
   may have a limit, READ_MS (squeezenet_lib/device/emulated_board.py), after which it gives nothing; what gives nothing
   earlier is closed. Everything else waits for ever. */
enum { READ_MS = 10 };

/* How many bytes have come, 0 after `timeout_ms` or a little more, -1 when the host has closed the line. */
static inline int32_t simulator_read(uint8_t *buffer, uint32_t bytes, uint32_t timeout_ms) {
    static uint32_t opened;
    if (opened == 0) {
        opened = simulator_open(OPEN_READ) + 1;
    }
    const uint32_t arguments[3] = {opened - 1, (uint32_t)(uintptr_t)buffer, bytes};
    uint32_t waited = 0;
    do {
        const uint32_t start = simulator_host_ms();
        const uint32_t left = (uint32_t)simulator_call(SYS_READ, arguments);
        if (left != bytes) {
            return (int32_t)(bytes - left);
        }
        if (simulator_host_ms() - start < READ_MS / 2) {
            return -1;
        }
        waited += READ_MS;
    } while (waited < timeout_ms);
    return 0;
}

static inline void simulator_write(const uint8_t *bytes, uint32_t count) {
    static uint32_t opened;
    if (opened == 0) {
        opened = simulator_open(OPEN_WRITE) + 1;
    }
    const uint32_t arguments[3] = {opened - 1, (uint32_t)(uintptr_t)bytes, count};
    simulator_call(SYS_WRITE, arguments);
}

static inline uint32_t simulator_cycles(void) {
    uint32_t high, low, again;
    do {
        __asm__ volatile(".option push\n"
                         ".option arch, +zicsr\n"
                         "csrr %0, cycleh\n"
                         "csrr %1, cycle\n"
                         "csrr %2, cycleh\n"
                         ".option pop"
            : "=r"(high), "=r"(low), "=r"(again));
    } while (high != again);
    return (uint32_t)(((uint64_t)high << 32 | low) / CYCLE_NANOSECONDS);
}

#endif
