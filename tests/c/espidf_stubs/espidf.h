/* What lib/board/espidf uses of ESP-IDF 5.5 and esp32-camera 2.1, and no more: declarations for a test on this machine,
   which gives every header of theirs this content. fakes.c has the functions. */
#ifndef ESPIDF_H
#define ESPIDF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int esp_err_t;
enum {
    ESP_OK = 0,
    ESP_FAIL = -1,
    ESP_ERR_NO_MEM = 0x101,
    ESP_ERR_INVALID_STATE = 0x103,
    ESP_ERR_NOT_FOUND = 0x105,
    ESP_ERR_TIMEOUT = 0x107,
};
const char *esp_err_to_name(esp_err_t code);

/* sdkconfig.h, esp_attr.h */
#define CONFIG_ESP_MAIN_TASK_STACK_SIZE 16384
#define CONFIG_ESP_BROWNOUT_DET         1
#define RTC_NOINIT_ATTR                 __attribute__((section("rtc_noinit")))

/* esp_system.h */
typedef enum {
    ESP_RST_UNKNOWN,
    ESP_RST_POWERON,
    ESP_RST_EXT,
    ESP_RST_SW,
    ESP_RST_PANIC,
    ESP_RST_INT_WDT,
    ESP_RST_TASK_WDT,
    ESP_RST_WDT,
    ESP_RST_DEEPSLEEP,
    ESP_RST_BROWNOUT,
    ESP_RST_SDIO,
} esp_reset_reason_t;
esp_reset_reason_t esp_reset_reason(void);
_Noreturn void esp_restart(void);

/* esp_chip_info.h, esp_efuse.h, esp_efuse_table.h, hal/efuse_hal.h, esp_rom_efuse.h */
typedef struct {
    int model;
    uint32_t features;
    uint16_t revision;
    uint8_t cores;
} esp_chip_info_t;
void esp_chip_info(esp_chip_info_t *info);
typedef struct {
    int field;
} esp_efuse_desc_t;
extern const esp_efuse_desc_t *ESP_EFUSE_ABS_DONE_0[], *ESP_EFUSE_ABS_DONE_1[];
bool esp_efuse_read_field_bit(const esp_efuse_desc_t *field[]);
uint32_t esp_efuse_get_pkg_ver(void);
bool efuse_hal_flash_encryption_enabled(void);
uint32_t efuse_hal_get_rated_freq_mhz(void);
uint32_t esp_rom_efuse_get_flash_gpio_info(void);

/* esp_flash.h, soc/rtc.h, soc/reset_reasons.h */
typedef struct esp_flash_t esp_flash_t;
esp_err_t esp_flash_read_id(esp_flash_t *chip, uint32_t *id);
esp_err_t esp_flash_get_physical_size(esp_flash_t *chip, uint32_t *bytes);
enum { RTC_VDDSDIO_TIEH_1_8V, RTC_VDDSDIO_TIEH_3_3V };
typedef struct {
    uint32_t force : 1;
    uint32_t enable : 1;
    uint32_t tieh : 1;
} rtc_vddsdio_config_t;
rtc_vddsdio_config_t rtc_vddsdio_get_config(void);
typedef int soc_reset_reason_t;
soc_reset_reason_t esp_rom_get_reset_reason(int core);

/* esp_private/panic_internal.h, xtensa_context.h */
typedef enum {
    PANIC_EXCEPTION_DEBUG,
    PANIC_EXCEPTION_IWDT,
    PANIC_EXCEPTION_TWDT,
    PANIC_EXCEPTION_ABORT,
    PANIC_EXCEPTION_FAULT,
} panic_exception_t;
typedef struct {
    int core;
    panic_exception_t exception;
    const void *frame;
    bool pseudo_excause;
} panic_info_t;
extern bool g_panic_abort;
typedef struct {
    long pc, exccause, excvaddr;
} XtExcFrame;

/* esp_clk_tree.h, esp_cpu.h, esp_rom_sys.h, esp_rom_uart.h, esp_log.h */
typedef int soc_module_clk_t;
typedef enum { ESP_CLK_TREE_SRC_FREQ_PRECISION_CACHED } esp_clk_tree_src_freq_precision_t;
enum { SOC_MOD_CLK_XTAL = 10 };
esp_err_t esp_clk_tree_src_get_freq_hz(
    soc_module_clk_t source, esp_clk_tree_src_freq_precision_t precision, uint32_t *hz);
typedef uint32_t esp_cpu_cycle_count_t;
esp_cpu_cycle_count_t esp_cpu_get_cycle_count(void);
int esp_cpu_get_core_id(void);
uint32_t esp_rom_get_cpu_ticks_per_us(void);
void esp_rom_install_channel_putc(int channel, void (*putc)(char c));
void esp_rom_output_tx_wait_idle(uint8_t serial_num);
typedef enum { ESP_LOG_NONE, ESP_LOG_ERROR } esp_log_level_t;
void esp_log_level_set(const char *tag, esp_log_level_t level);

/* freertos */
typedef uint32_t TickType_t;
typedef unsigned UBaseType_t;
typedef void *TaskHandle_t;
#define portTICK_PERIOD_MS ((TickType_t)1)
#define portMAX_DELAY      ((TickType_t)0xFFFFFFFF)
UBaseType_t uxTaskGetStackHighWaterMark(TaskHandle_t task);
typedef int BaseType_t;
#define pdPASS             1
#define pdTRUE             1
#define ESP_TASK_MAIN_PRIO 1 /* esp_task.h */
BaseType_t xTaskCreatePinnedToCore(void (*code)(void *), const char *name, uint32_t stack_bytes,
    void *parameters, UBaseType_t priority, TaskHandle_t *task, BaseType_t core);
void vTaskDelete(TaskHandle_t task);
uint32_t ulTaskNotifyTake(BaseType_t clear, TickType_t ticks);
BaseType_t xTaskNotifyGive(TaskHandle_t task);
void vTaskDelay(TickType_t ticks);

/* esp_heap_caps.h */
#define MALLOC_CAP_8BIT     (1 << 2)
#define MALLOC_CAP_SPIRAM   (1 << 10)
#define MALLOC_CAP_INTERNAL (1 << 11)
size_t heap_caps_get_largest_free_block(uint32_t caps);
size_t heap_caps_get_total_size(uint32_t caps);
void *heap_caps_aligned_alloc(size_t alignment, size_t size, uint32_t caps);

/* driver/gpio.h */
typedef int gpio_num_t;
typedef enum { GPIO_MODE_INPUT = 1, GPIO_MODE_OUTPUT = 2 } gpio_mode_t;
typedef enum { GPIO_PULLUP_DISABLE, GPIO_PULLUP_ENABLE } gpio_pullup_t;
typedef struct {
    uint64_t pin_bit_mask;
    gpio_mode_t mode;
    gpio_pullup_t pull_up_en;
} gpio_config_t;
#define GPIO_IS_VALID_OUTPUT_GPIO(pin) ((pin) >= 0 && (pin) < 34)
esp_err_t gpio_config(const gpio_config_t *config);
int gpio_get_level(gpio_num_t pin);
esp_err_t gpio_set_level(gpio_num_t pin, uint32_t level);

/* driver/uart.h */
typedef int uart_port_t;
enum { UART_NUM_0 };
typedef enum { UART_DATA_8_BITS = 3 } uart_word_length_t;
typedef enum { UART_PARITY_DISABLE } uart_parity_t;
typedef enum { UART_STOP_BITS_1 = 1 } uart_stop_bits_t;
typedef enum { UART_HW_FLOWCTRL_DISABLE } uart_hw_flowcontrol_t;
typedef enum { UART_SCLK_DEFAULT = 4 } uart_sclk_t;
typedef struct {
    int baud_rate;
    uart_word_length_t data_bits;
    uart_parity_t parity;
    uart_stop_bits_t stop_bits;
    uart_hw_flowcontrol_t flow_ctrl;
    uart_sclk_t source_clk;
} uart_config_t;
typedef void *QueueHandle_t;
esp_err_t uart_param_config(uart_port_t port, const uart_config_t *config);
esp_err_t uart_driver_install(
    uart_port_t port, int rx_bytes, int tx_bytes, int queue_size, QueueHandle_t *queue, int flags);
bool uart_is_driver_installed(uart_port_t port);
esp_err_t uart_wait_tx_done(uart_port_t port, TickType_t ticks);
esp_err_t uart_set_baudrate(uart_port_t port, uint32_t baud);
int uart_read_bytes(uart_port_t port, void *buffer, uint32_t length, TickType_t ticks);
int uart_write_bytes(uart_port_t port, const void *bytes, size_t count);
esp_err_t uart_get_buffered_data_len(uart_port_t port, size_t *bytes);

/* driver/i2c_master.h */
typedef struct fake_bus *i2c_master_bus_handle_t;
typedef struct fake_device *i2c_master_dev_handle_t;
enum { I2C_NUM_0, I2C_NUM_1 };
typedef enum { I2C_CLK_SRC_DEFAULT = 4 } i2c_clock_source_t;
typedef enum { I2C_ADDR_BIT_LEN_7 } i2c_addr_bit_len_t;
typedef struct {
    int i2c_port;
    gpio_num_t sda_io_num, scl_io_num;
    i2c_clock_source_t clk_source;
    uint8_t glitch_ignore_cnt;
    struct {
        uint32_t enable_internal_pullup : 1;
    } flags;
} i2c_master_bus_config_t;
typedef struct {
    i2c_addr_bit_len_t dev_addr_length;
    uint16_t device_address;
    uint32_t scl_speed_hz;
} i2c_device_config_t;
esp_err_t i2c_new_master_bus(const i2c_master_bus_config_t *config, i2c_master_bus_handle_t *bus);
esp_err_t i2c_master_bus_reset(i2c_master_bus_handle_t bus);
esp_err_t i2c_master_probe(i2c_master_bus_handle_t bus, uint16_t address, int timeout_ms);
esp_err_t i2c_master_bus_add_device(
    i2c_master_bus_handle_t bus, const i2c_device_config_t *config, i2c_master_dev_handle_t *device);
esp_err_t i2c_master_transmit(
    i2c_master_dev_handle_t device, const uint8_t *bytes, size_t count, int timeout_ms);

#endif
