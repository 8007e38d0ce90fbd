/* A camera board behind board.h, on ESP-IDF: the boot, and what needs no driver of this folder. */
#include "board.h"

#include <stddef.h>

#include "../portable/crash_record.h"
#include "../ssd1306/ssd1306.h"
#include "../two_cores/second_core.h"
#include "drivers.h"
#include "esp_clk_tree.h"
#include "esp_cpu.h"
#include "esp_rom_sys.h"
#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "pins.h"
#include "print.h"
#include "sdkconfig.h"
#include "sqz_format.h"

static board_report report;

static void note(const char *step, bool done) {
    if (!done && report.failed_step == NULL) {
        report.failed_step = step;
    }
}

static uint32_t crystal_mhz(void) {
    uint32_t hz = 0;
    esp_clk_tree_src_get_freq_hz(SOC_MOD_CLK_XTAL, ESP_CLK_TREE_SRC_FREQ_PRECISION_CACHED, &hz);
    return hz / 1000000u;
}

static void start_display(void) {
    print_boot_step("display");
    const i2c_result display = ssd1306_init(0);
    note("display", display != I2C_STUCK); /* none is no failure */
    report.display = display == I2C_DONE ? "ssd1306" : NULL;
}

const board_report *board_init(void) {
    /* Nobody has checked the model yet, but of these numbers none can do harm. */
    const sqz_header *header = (const sqz_header *)(const void *)board_model().start;
    report.name = pins.board;
    report.camera_expected = true;
    report.chip = chip_look();
    report.flash = chip_flash();
    report.reset_cause = reset_cause();
    report.crashed = crash_record_read(&report.crash);
    board_look_for_cores(&report, chip_has_one_core() ? "single-core part" : NULL);
    report.crystal_mhz = crystal_mhz();
    report.cycles_per_microsecond = esp_rom_get_cpu_ticks_per_us();
    note("serial", serial_start(board_default_baud()));
    print(&board_console, "\n");
    button_start();
    light_start();
    output_start();
    if (!report.crashed) { /* maybe there: the line comes first */
        start_display();
        print_boot_step("camera");
        report.camera = camera_start(header->height, header->channels);
    }
    print_boot_step("memory");
    report.memory = memory_start(header->arena_bytes);
    uint32_t bytes;
    board_memory(&bytes);
    note("memory", bytes >= header->arena_bytes);
    print_boot_step("done");
    serial_silence_log();
    return &report;
}

void board_display(const uint8_t pixels[BOARD_DISPLAY_PAGES][BOARD_DISPLAY_WIDTH]) {
    if (report.display != NULL && !ssd1306_show(&pixels[0][0])) {
        report.display = NULL; /* it has gone */
    }
}

/* Of the core that asks, so the task must stay on one: see sdkconfig.defaults. */
uint32_t board_cycles(void) {
    return esp_cpu_get_cycle_count();
}

uint32_t board_stack_size(void) {
    return CONFIG_ESP_MAIN_TASK_STACK_SIZE;
}

uint32_t board_stack_used(void) {
    return board_stack_size() - uxTaskGetStackHighWaterMark(NULL); /* ESP-IDF counts bytes */
}

_Noreturn void board_restart_after(const board_crash *crash) {
    crash_record_write(crash);
    serial_drain();
    esp_restart();
}

_Noreturn void board_halt(void) {
    for (;;) {
        vTaskDelay(portMAX_DELAY);
    }
}
