/* The second core of the firmware on this machine: a thread, and time of the day instead of cycles. */
#include <pthread.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "host_board.h"
#include "two_cores/second_core.h"

enum { JOIN_US = 200000 };

const uint32_t second_core_number = 1;
const uint32_t second_core_patience = 2000000; /* microseconds: also where this machine has much to do */
static __thread bool second;

static void *serve(void *none) {
    second = true;
    second_core_serve();
    return none;
}

bool second_core_start(void) {
    pthread_t thread;
    if (desk.second.starts && pthread_create(&thread, NULL, serve, NULL) != 0) {
        return false;
    }
    return second_core_joins(desk.second.starts ? second_core_patience : JOIN_US);
}

/* Here the second core dies, when the test says so. */
static void live(void) {
    while (second && __atomic_load_n(&desk.second.looks_left, __ATOMIC_RELAXED) == 0) {
        pause();
    }
}

uint32_t second_core_clock(void) {
    live();
    if (second && __atomic_load_n(&desk.second.looks_left, __ATOMIC_RELAXED) > 0) {
        __atomic_sub_fetch(&desk.second.looks_left, 1, __ATOMIC_RELAXED);
    }
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)(now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

void second_core_turn(void) {
    sched_yield();
}

void second_core_idle(void) {
    live();
    usleep(100);
}

void second_core_park(void) {}

void second_core_unpark(void) {}

void board_hold_second_core(void) {}

uint32_t second_core_stack_used(void) {
    return 1234;
}
