/* The second core on ESP-IDF: a task on the core that sdkconfig.defaults keeps the application off. It has the
   application's priority (ESP_TASK_MAIN_PRIO, esp_task.h), so that the camera's driver comes first. It sleeps between
   inferences, and for a tick in those that are long: core 0's idle task, which the task watchdog minds, then has its
   turn (esp_system/task_wdt/task_wdt.c, CONFIG_ESP_TASK_WDT_TIMEOUT_S). A crash on either core ends in ESP-IDF's panic
   handler. */
#include "../two_cores/second_core.h"

#include <stddef.h>

#include "esp_cpu.h"
#include "esp_task.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

enum {
    OTHER_CORE = 0,
    STACK_BYTES = 6144,
    JOIN_CYCLES = 24000000, /* 0.1 s at 240 MHz */
    REST_CYCLES = 240000000,
};

const uint32_t second_core_number = OTHER_CORE;
const uint32_t second_core_patience = 720000000; /* three seconds at 240 MHz: the watchdog has five */

static TaskHandle_t task;
static uint32_t rested; /* the task's: when it last slept */

static void serve(void *none) {
    (void)none;
    second_core_serve();
}

bool second_core_start(void) {
    if (xTaskCreatePinnedToCore(serve, "second", STACK_BYTES, NULL, ESP_TASK_MAIN_PRIO, &task, OTHER_CORE) !=
        pdPASS) {
        task = NULL;
        return false;
    }
    if (second_core_joins(JOIN_CYCLES)) {
        return true;
    }
    board_hold_second_core();
    return false;
}

/* A task that runs on the other core is taken off it by an interrupt (vTaskDelete, FreeRTOS-Kernel/tasks.c). */
void board_hold_second_core(void) {
    if (task != NULL) {
        vTaskDelete(task);
        task = NULL;
    }
}

uint32_t second_core_clock(void) {
    return esp_cpu_get_cycle_count();
}

void second_core_turn(void) {
    if (esp_cpu_get_core_id() == OTHER_CORE && second_core_clock() - rested > REST_CYCLES) {
        vTaskDelay(1);
        rested = second_core_clock();
    }
}

void second_core_idle(void) {
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    rested = second_core_clock();
}

void second_core_park(void) {}

void second_core_unpark(void) {
    xTaskNotifyGive(task);
}

uint32_t second_core_stack_used(void) {
    return task != NULL ? STACK_BYTES - uxTaskGetStackHighWaterMark(task) : 0; /* ESP-IDF counts bytes */
}
