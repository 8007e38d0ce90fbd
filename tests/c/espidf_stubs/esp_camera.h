/* What lib/board/espidf uses of esp32-camera 2.1: see espidf.h. */
#ifndef ESP_CAMERA_H
#define ESP_CAMERA_H

#include "espidf.h"

enum {
    ESP_ERR_CAMERA_NOT_DETECTED = 0x20001,
    ESP_ERR_CAMERA_FAILED_TO_SET_FRAME_SIZE,
    ESP_ERR_CAMERA_FAILED_TO_SET_OUT_FORMAT,
    ESP_ERR_CAMERA_NOT_SUPPORTED,
};

typedef enum { LEDC_TIMER_0 } ledc_timer_t;
typedef enum { LEDC_CHANNEL_0 } ledc_channel_t;
typedef enum {
    PIXFORMAT_RGB565,
    PIXFORMAT_YUV422,
    PIXFORMAT_YUV420,
    PIXFORMAT_GRAYSCALE,
    PIXFORMAT_JPEG,
} pixformat_t;
typedef enum {
    FRAMESIZE_96X96,
    FRAMESIZE_QQVGA,
    FRAMESIZE_128X128,
    FRAMESIZE_QCIF,
    FRAMESIZE_HQVGA,
    FRAMESIZE_240X240,
    FRAMESIZE_QVGA,
    FRAMESIZE_320X320,
    FRAMESIZE_CIF,
    FRAMESIZE_HVGA,
    FRAMESIZE_VGA,
    FRAMESIZE_SVGA,
    FRAMESIZE_XGA,
    FRAMESIZE_INVALID,
} framesize_t;
typedef enum { CAMERA_GRAB_WHEN_EMPTY, CAMERA_GRAB_LATEST } camera_grab_mode_t;
typedef enum { CAMERA_FB_IN_PSRAM, CAMERA_FB_IN_DRAM } camera_fb_location_t;
typedef struct {
    uint16_t width, height;
} resolution_info_t;
extern const resolution_info_t resolution[];

typedef struct {
    int pin_pwdn, pin_reset, pin_xclk, pin_sccb_sda, pin_sccb_scl;
    int pin_d7, pin_d6, pin_d5, pin_d4, pin_d3, pin_d2, pin_d1, pin_d0;
    int pin_vsync, pin_href, pin_pclk;
    int xclk_freq_hz;
    ledc_timer_t ledc_timer;
    ledc_channel_t ledc_channel;
    pixformat_t pixel_format;
    framesize_t frame_size;
    size_t fb_count;
    camera_fb_location_t fb_location;
    camera_grab_mode_t grab_mode;
} camera_config_t;
typedef struct {
    uint8_t *buf;
    size_t len, width, height;
    pixformat_t format;
} camera_fb_t;
typedef struct {
    uint16_t PID;
} sensor_id_t;
typedef struct sensor sensor_t;
struct sensor {
    sensor_id_t id;
    int (*set_whitebal)(sensor_t *sensor, int enable);
    int (*set_exposure_ctrl)(sensor_t *sensor, int enable);
    int (*set_awb_gain)(sensor_t *sensor, int enable);
    int (*set_aec_value)(sensor_t *sensor, int lines);
    int (*set_wb_mode)(sensor_t *sensor, int mode);
};
typedef struct {
    const char *name;
} camera_sensor_info_t;

esp_err_t esp_camera_init(const camera_config_t *config);
camera_fb_t *esp_camera_fb_get(void);
void esp_camera_fb_return(camera_fb_t *frame);
sensor_t *esp_camera_sensor_get(void);
camera_sensor_info_t *esp_camera_sensor_get_info(sensor_id_t *id);

#endif
