/* A camera board without hardware: what tests set lies in `fake`, what the drivers did lies there, too. */
#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "board.h"
#include "esp_camera.h"
#include "espidf.h"
#include "sqz_format.h"

enum { BYTES = 8192 };

struct {
    /* set by the test */
    int reset_reason, camera_init, camera_format, frames, probe, transmit, new_bus, output, no_task;
    uint32_t internal_free, psram_free, psram_total, buttons_down, stack_left;
    uint32_t package, revision, cores, pads, guarded, supply, flash_id, flash_bytes, reset_core1;
    /* left by the drivers */
    int xclk_hz, frame_size, pixel_format, fb_location, taken, returned, camera_inits;
    int baud, installed, drains, silenced, bus_resets, sda, scl, pulled_up, light, acted;
    int whitebal, exposure_ctrl, aec_value, wb_mode;
    int tasks, task_priority, task_core, notified, deleted, slept;
    uint32_t received, received_read, sent, transfers, light_changes;
    uint8_t receive[BYTES], send[BYTES];
    uint8_t transfer[BYTES]; /* the last one over I2C */
    uint32_t transfer_bytes;
} fake;

/* The image: a header without its model behind. */
sqz_header image_header = {.magic = "SQZ1", .arena_bytes = 1000, .height = 96, .width = 96, .channels = 1};

board_file board_model(void) {
    return (board_file){(const uint8_t *)&image_header, sizeof image_header, 0};
}

uint32_t board_default_baud(void) {
    return 115200;
}

/* fake.output: the pin that acts, as its number + 1, negative where low is its active level. */
const board_output *board_default_output(void) {
    static board_output output;
    const int pin = fake.output < 0 ? -fake.output : fake.output;
    output = (board_output){.class_name = "cat", .pin = (uint32_t)(pin - 1), .active_high = fake.output > 0};
    return pin == 0 ? NULL : &output;
}

board_camera_settings board_default_camera(void) {
    return (board_camera_settings){.warm_up_frames = 5, .exposure = CAMERA_AUTO, .white_balance = 2};
}

const uint32_t image_flash_mhz = 40, image_flash_bytes = 4u << 20;

void esp_chip_info(esp_chip_info_t *info) {
    *info = (esp_chip_info_t){.revision = (uint16_t)fake.revision, .cores = (uint8_t)fake.cores};
}

uint32_t esp_efuse_get_pkg_ver(void) {
    return fake.package;
}

uint32_t efuse_hal_get_rated_freq_mhz(void) {
    return 240;
}

/* fake.guarded: bit 0 flash encryption, bits 1 and 2 secure boot. */
static const esp_efuse_desc_t DONE_0 = {1}, DONE_1 = {2};
const esp_efuse_desc_t *ESP_EFUSE_ABS_DONE_0[] = {&DONE_0, NULL}, *ESP_EFUSE_ABS_DONE_1[] = {&DONE_1, NULL};

bool esp_efuse_read_field_bit(const esp_efuse_desc_t *field[]) {
    return (fake.guarded >> field[0]->field & 1) != 0;
}

bool efuse_hal_flash_encryption_enabled(void) {
    return (fake.guarded & 1) != 0;
}

uint32_t esp_rom_efuse_get_flash_gpio_info(void) {
    return fake.pads;
}

esp_err_t esp_flash_read_id(esp_flash_t *chip, uint32_t *id) {
    *id = chip == NULL ? fake.flash_id : 0;
    return ESP_OK;
}

esp_err_t esp_flash_get_physical_size(esp_flash_t *chip, uint32_t *bytes) {
    *bytes = chip == NULL ? fake.flash_bytes : 0;
    return ESP_OK;
}

/* fake.supply: 0 3.3 V, 1 1.8 V, 2 off. */
rtc_vddsdio_config_t rtc_vddsdio_get_config(void) {
    return (rtc_vddsdio_config_t){.enable = fake.supply != 2, .tieh = fake.supply != 1};
}

soc_reset_reason_t esp_rom_get_reset_reason(int core) {
    return core == 1 ? (soc_reset_reason_t)fake.reset_core1 : 1;
}

/* Memory that a reset keeps: tests carry it from one run to the next. */
extern uint8_t __start_rtc_noinit[], __stop_rtc_noinit[];

uint8_t *rtc_memory(void) {
    return __start_rtc_noinit;
}

uint32_t rtc_memory_bytes(void) {
    return (uint32_t)(__stop_rtc_noinit - __start_rtc_noinit);
}

static jmp_buf restarted;

/* Whether the chip starts again. */
bool restarts_after(const board_crash *crash) {
    if (setjmp(restarted) == 0) {
        board_restart_after(crash);
    }
    return true;
}

esp_reset_reason_t esp_reset_reason(void) {
    return (esp_reset_reason_t)fake.reset_reason;
}

_Noreturn void esp_restart(void) {
    longjmp(restarted, 1);
}

bool g_panic_abort;
static const panic_info_t *handled;

void __real_esp_panic_handler(panic_info_t *info);
void __wrap_esp_panic_handler(panic_info_t *info);

void __real_esp_panic_handler(panic_info_t *info) {
    handled = info;
}

/* As ESP-IDF calls its handler; true when that is reached in the end. */
bool panics(int exception, bool pseudo, bool aborted, long cause, long pc, long address, int core) {
    const XtExcFrame frame = {.pc = pc, .exccause = cause, .excvaddr = address};
    panic_info_t info = {
        .core = core, .exception = (panic_exception_t)exception, .frame = &frame, .pseudo_excause = pseudo};
    g_panic_abort = aborted;
    handled = NULL;
    __wrap_esp_panic_handler(&info);
    return handled == &info;
}

const char *esp_err_to_name(esp_err_t code) {
    return code == ESP_FAIL ? "ESP_FAIL" : "ERROR";
}

esp_err_t esp_clk_tree_src_get_freq_hz(
    soc_module_clk_t source, esp_clk_tree_src_freq_precision_t precision, uint32_t *hz) {
    (void)precision;
    *hz = source == SOC_MOD_CLK_XTAL ? 40000000 : 0;
    return ESP_OK;
}

esp_cpu_cycle_count_t esp_cpu_get_cycle_count(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)(((uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec) * 240u / 1000u);
}

uint32_t esp_rom_get_cpu_ticks_per_us(void) {
    return 240;
}

void esp_rom_install_channel_putc(int channel, void (*putc)(char c)) {
    fake.silenced |= channel == 1 && putc == NULL ? 1 : 0;
}

void esp_rom_output_tx_wait_idle(uint8_t serial_num) {
    fake.drains += serial_num == UART_NUM_0;
}

void esp_log_level_set(const char *tag, esp_log_level_t level) {
    fake.silenced |= strcmp(tag, "*") == 0 && level == ESP_LOG_NONE ? 2 : 0;
}

static void (*task_code)(void *);

UBaseType_t uxTaskGetStackHighWaterMark(TaskHandle_t task) {
    return task == NULL || task == &task_code ? fake.stack_left : 0;
}

void vTaskDelay(TickType_t ticks) {
    fake.slept += ticks;
}

/* A task is a thread that sleeps with its eyes open. fake.no_task: there is no memory for one, or (2) it never runs. */
static __thread bool in_task;

int esp_cpu_get_core_id(void) {
    return in_task ? fake.task_core : 1;
}

static void *run_task(void *none) {
    in_task = true;
    task_code(none);
    return none;
}

BaseType_t xTaskCreatePinnedToCore(void (*code)(void *), const char *name, uint32_t stack_bytes,
    void *parameters, UBaseType_t priority, TaskHandle_t *task, BaseType_t core) {
    (void)name, (void)stack_bytes, (void)parameters;
    pthread_t thread;
    task_code = code;
    *task = &task_code;
    fake.tasks++;
    fake.task_priority = (int)priority;
    fake.task_core = core;
    if (fake.no_task == 0) {
        pthread_create(&thread, NULL, run_task, NULL);
    }
    return fake.no_task == 1 ? -1 : pdPASS;
}

void vTaskDelete(TaskHandle_t task) {
    fake.deleted += task == &task_code;
}

uint32_t ulTaskNotifyTake(BaseType_t clear, TickType_t ticks) {
    (void)ticks;
    usleep(100);
    return (uint32_t)clear;
}

BaseType_t xTaskNotifyGive(TaskHandle_t task) {
    fake.notified += task == &task_code;
    return pdPASS;
}

size_t heap_caps_get_largest_free_block(uint32_t caps) {
    return (caps & MALLOC_CAP_SPIRAM) != 0 ? fake.psram_free : fake.internal_free;
}

size_t heap_caps_get_total_size(uint32_t caps) {
    return (caps & MALLOC_CAP_SPIRAM) != 0 ? fake.psram_total : 0;
}

void *heap_caps_aligned_alloc(size_t alignment, size_t size, uint32_t caps) {
    return size <= heap_caps_get_largest_free_block(caps) ? aligned_alloc(alignment, size) : NULL;
}

esp_err_t gpio_config(const gpio_config_t *config) {
    fake.pulled_up += config->pull_up_en == GPIO_PULLUP_ENABLE;
    return ESP_OK;
}

int gpio_get_level(gpio_num_t pin) {
    (void)pin;
    return fake.buttons_down == 0;
}

esp_err_t gpio_set_level(gpio_num_t pin, uint32_t level) {
    const board_output *output = board_default_output();
    if (output != NULL && (uint32_t)pin == output->pin) {
        fake.acted = (int)level;
        return ESP_OK;
    }
    fake.light = (int)level;
    fake.light_changes++;
    return ESP_OK;
}

esp_err_t uart_param_config(uart_port_t port, const uart_config_t *config) {
    (void)port;
    fake.baud = config->baud_rate;
    return ESP_OK;
}

esp_err_t uart_driver_install(
    uart_port_t port, int rx_bytes, int tx_bytes, int queue_size, QueueHandle_t *queue, int flags) {
    (void)port, (void)rx_bytes, (void)tx_bytes, (void)queue_size, (void)queue, (void)flags;
    fake.installed = 1;
    return ESP_OK;
}

bool uart_is_driver_installed(uart_port_t port) {
    return port == UART_NUM_0 && fake.installed;
}

esp_err_t uart_wait_tx_done(uart_port_t port, TickType_t ticks) {
    (void)port, (void)ticks;
    fake.drains++;
    return ESP_OK;
}

esp_err_t uart_set_baudrate(uart_port_t port, uint32_t baud) {
    (void)port;
    fake.baud = (int)baud;
    return ESP_OK;
}

/* As the driver does: it waits for all of `length` until the time is over, and gives what there is. */
int uart_read_bytes(uart_port_t port, void *buffer, uint32_t length, TickType_t ticks) {
    (void)port, (void)ticks;
    const uint32_t waiting = fake.received - fake.received_read, count = waiting < length ? waiting : length;
    memcpy(buffer, fake.receive + fake.received_read, count);
    fake.received_read += count;
    return (int)count;
}

int uart_write_bytes(uart_port_t port, const void *bytes, size_t count) {
    (void)port;
    memcpy(fake.send + fake.sent, bytes, count);
    fake.sent += (uint32_t)count;
    return (int)count;
}

esp_err_t uart_get_buffered_data_len(uart_port_t port, size_t *bytes) {
    (void)port;
    *bytes = fake.received - fake.received_read;
    return ESP_OK;
}

static char bus_or_device;

esp_err_t i2c_new_master_bus(const i2c_master_bus_config_t *config, i2c_master_bus_handle_t *bus) {
    fake.sda = config->sda_io_num;
    fake.scl = config->scl_io_num;
    *bus = (i2c_master_bus_handle_t)(void *)&bus_or_device;
    return fake.new_bus;
}

esp_err_t i2c_master_bus_reset(i2c_master_bus_handle_t bus) {
    (void)bus;
    fake.bus_resets++;
    return ESP_OK;
}

esp_err_t i2c_master_probe(i2c_master_bus_handle_t bus, uint16_t address, int timeout_ms) {
    (void)bus, (void)timeout_ms;
    return address == 0x3C ? fake.probe : ESP_ERR_NOT_FOUND;
}

esp_err_t i2c_master_bus_add_device(
    i2c_master_bus_handle_t bus, const i2c_device_config_t *config, i2c_master_dev_handle_t *device) {
    (void)bus;
    *device = (i2c_master_dev_handle_t)(void *)&bus_or_device;
    return config->device_address == 0x3C ? ESP_OK : ESP_FAIL;
}

esp_err_t i2c_master_transmit(
    i2c_master_dev_handle_t device, const uint8_t *bytes, size_t count, int timeout_ms) {
    (void)device, (void)timeout_ms;
    memcpy(fake.transfer, bytes, count);
    fake.transfer_bytes = (uint32_t)count;
    fake.transfers++;
    return fake.transmit;
}

const resolution_info_t resolution[] = {
    {96, 96},
    {160, 120},
    {128, 128},
    {176, 144},
    {240, 176},
    {240, 240},
    {320, 240},
    {320, 320},
    {400, 296},
    {480, 320},
    {640, 480},
    {800, 600},
    {1024, 768},
};

static uint8_t pixels[800 * 600 * 2];
static camera_fb_t frame;

esp_err_t esp_camera_init(const camera_config_t *config) {
    fake.camera_inits++;
    fake.xclk_hz = config->xclk_freq_hz;
    fake.frame_size = (int)config->frame_size;
    fake.pixel_format = (int)config->pixel_format;
    fake.fb_location = (int)config->fb_location;
    return fake.camera_init;
}

/* Each frame has its number in its first pixel. */
camera_fb_t *esp_camera_fb_get(void) {
    if (fake.frames == 0 || fake.taken > fake.returned) { /* the one frame buffer is out */
        return NULL;
    }
    fake.frames--;
    fake.taken++;
    pixels[0] = (uint8_t)fake.taken;
    const resolution_info_t size = resolution[fake.frame_size];
    const pixformat_t format =
        fake.camera_format >= 0 ? (pixformat_t)fake.camera_format : (pixformat_t)fake.pixel_format;
    const size_t bytes = (size_t)size.width * size.height * (format == PIXFORMAT_GRAYSCALE ? 1 : 2);
    frame = (camera_fb_t){
        .buf = pixels, .len = bytes, .width = size.width, .height = size.height, .format = format};
    return &frame;
}

void esp_camera_fb_return(camera_fb_t *returned) {
    fake.returned += returned == &frame;
}

static int set_whitebal(sensor_t *sensor, int enable) {
    (void)sensor;
    fake.whitebal = enable;
    return 0;
}

static int set_exposure_ctrl(sensor_t *sensor, int enable) {
    (void)sensor;
    fake.exposure_ctrl = enable;
    return 0;
}

static int set_aec_value(sensor_t *sensor, int lines) {
    (void)sensor;
    fake.aec_value = lines;
    return -1; /* of which nobody takes notice */
}

static int set_wb_mode(sensor_t *sensor, int mode) {
    (void)sensor;
    fake.wb_mode = mode;
    return 0;
}

sensor_t *esp_camera_sensor_get(void) {
    static sensor_t sensor = {
        {0x26}, set_whitebal, set_exposure_ctrl, NULL, set_aec_value, set_wb_mode}; /* without one of them */
    return &sensor;
}

camera_sensor_info_t *esp_camera_sensor_get_info(sensor_id_t *id) {
    static camera_sensor_info_t info = {"OV2640"};
    return id->PID == 0x26 ? &info : NULL;
}
