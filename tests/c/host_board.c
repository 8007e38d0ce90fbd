/* The board of the firmware on this machine: camera, button, light and flash are what the test says. */
#include "host_board.h"

#include <sanitizer/common_interface_defs.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#include "portable/crash_record.h"
#include "portable/vector_numbers.h"
#include "two_cores/second_core.h"

int application_main(void); /* src/main.c's main(), renamed when it is compiled */

enum { STACK_BYTES = 1 << 20, MEMORY_MOST = 1 << 20 };

static board_file model_file, golden_file;
static uint32_t memory_size, cycles;
host_desk desk = {.second.looks_left = -1};
static uint8_t memory[MEMORY_MOST] __attribute__((aligned(16)));
enum { CYCLES_PER_MICROSECOND = 240, CAPTURE_US = 50000 };

/* The application never returns: it runs in a context of its own and is left whenever it has read everything. */
static ucontext_t outside, inside;
static char stack[STACK_BYTES];
static const uint8_t *line;
static uint32_t line_bytes, silence;
static uint8_t *output;
static uint32_t written, output_room;

static void *outside_stack, *inside_stack; /* what AddressSanitizer wants to know when stacks are changed */
static const void *outside_bottom;
static size_t outside_bytes;

static void run_application(void) {
    __sanitizer_finish_switch_fiber(NULL, &outside_bottom, &outside_bytes);
    application_main();
}

static void enter(void) {
    __sanitizer_start_switch_fiber(&outside_stack, stack, sizeof stack);
    swapcontext(&outside, &inside);
    __sanitizer_finish_switch_fiber(outside_stack, NULL, NULL);
}

static void leave(void) {
    __sanitizer_start_switch_fiber(&inside_stack, outside_bottom, outside_bytes);
    swapcontext(&inside, &outside);
    __sanitizer_finish_switch_fiber(inside_stack, &outside_bottom, &outside_bytes);
}

void host_board_start(board_file model, board_file golden, uint32_t memory_bytes) {
    model_file = model;
    golden_file = golden;
    memory_size = memory_bytes;
    getcontext(&inside);
    inside.uc_stack.ss_sp = stack;
    inside.uc_stack.ss_size = sizeof stack;
    makecontext(&inside, run_application, 0);
}

uint32_t host_board_exchange(
    const uint8_t *bytes, uint32_t count, uint32_t silent_ms, uint8_t *received, uint32_t room) {
    line = bytes;
    line_bytes = count;
    silence = silent_ms;
    output = received;
    output_room = room;
    written = 0;
    enter();
    return written;
}

const board_report *board_init(void) {
    static board_report report = {.name = "host",
        .reset_cause = "power-on",
        .memory = "internal",
        .camera_expected = true,
        .crystal_mhz = 40,
        .cycles_per_microsecond = CYCLES_PER_MICROSECOND};
    report.camera = desk.has_camera ? "painted" : NULL;
    report.crashed = crash_record_read(&report.crash);
    board_look_for_cores(&report, desk.second.there ? NULL : "single-core part");
    return &report;
}

void crash_record_write(const board_crash *crash) {
    desk.second.record = *crash;
}

bool crash_record_read(board_crash *crash) {
    if (desk.second.silent_before) {
        *crash = (board_crash){.vector = VECTOR_SILENT, .core = 1};
    }
    return desk.second.silent_before;
}

uint32_t board_read(uint8_t *buffer, uint32_t bytes, uint32_t timeout_ms) {
    while (line_bytes == 0) {
        if (silence > 0) {
            silence = silence > timeout_ms ? silence - timeout_ms : 0;
            cycles += timeout_ms * 1000u * CYCLES_PER_MICROSECOND;
            return 0;
        }
        leave();
    }
    const uint32_t count = bytes < line_bytes ? bytes : line_bytes;
    memcpy(buffer, line, count);
    line += count;
    line_bytes -= count;
    return count;
}

void board_write(const uint8_t *bytes, uint32_t count) {
    if (count > output_room - written) {
        abort(); /* more than any answer */
    }
    memcpy(output + written, bytes, count);
    written += count;
}

bool board_can_baud(uint32_t baud) {
    return baud >= 9600 && baud <= 2000000;
}

void board_set_baud(uint32_t baud) {
    (void)baud;
}

uint32_t board_default_baud(void) {
    return 115200;
}

uint32_t board_cycles(void) {
    return cycles += 100;
}

void board_display(const uint8_t pixels[BOARD_DISPLAY_PAGES][BOARD_DISPLAY_WIDTH]) {
    memcpy(desk.display, pixels, sizeof desk.display);
}

bool board_button(void) {
    return desk.button;
}

const board_output *board_default_output(void) {
    return desk.output.wanted.class_name != NULL ? &desk.output.wanted : NULL;
}

void board_act(bool on) {
    desk.output.changes += on != desk.output.acts;
    desk.output.acts = on;
}

const frame_view *board_camera_take(void) {
    host_camera *camera = &desk.camera;
    cycles += CAPTURE_US * CYCLES_PER_MICROSECOND;
    if (camera->held) {
        abort(); /* the one before was not released */
    }
    if (camera->frame == NULL || camera->left == 0) {
        return NULL;
    }
    camera->left--;
    camera->taken++;
    camera->lit += camera->light;
    camera->held = true;
    return camera->frame;
}

board_camera_settings board_default_camera(void) {
    return (board_camera_settings){.warm_up_frames = 5, .exposure = CAMERA_AUTO};
}

void board_camera_set(const board_camera_settings *settings) {
    desk.camera.settings = *settings;
}

void board_camera_release(void) {
    if (!desk.camera.held) {
        abort();
    }
    desk.camera.held = false;
}

const char *board_camera_error(void) {
    return desk.camera.error;
}

void board_light(bool on) {
    desk.camera.light = on;
}

bool board_default_light(void) {
    return desk.wants_light;
}

bool board_default_continuous(void) {
    return desk.wants_continuous;
}

bool board_flash_retry(void) {
    desk.flash.now = desk.flash.now < desk.flash.settings ? desk.flash.now + 1 : 0;
    return desk.flash.now != 0;
}

/* With a wrong setting other bytes come than the build wrote. */
static board_file as_read(board_file file) {
    file.crc32 ^= desk.flash.now != desk.flash.right;
    return file;
}

board_file board_model(void) {
    desk.flash.reads++;
    return as_read(model_file);
}

board_file board_golden(void) {
    return as_read(golden_file);
}

uint8_t *board_memory(uint32_t *bytes) {
    *bytes = memory_size;
    return memory + (MEMORY_MOST - memory_size); /* its end is the array's: one byte more is found */
}

const char *board_firmware_version(void) {
    return "0.0.0";
}

uint32_t board_stack_used(void) {
    return 0;
}

uint32_t board_stack_size(void) {
    return STACK_BYTES;
}

const char *board_crash_name(const board_crash *crash) {
    (void)crash;
    return "Unknown";
}
