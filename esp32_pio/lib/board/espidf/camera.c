/* The camera, by esp32-camera. */
#include <stddef.h>

#include "board.h"
#include "drivers.h"
#include "esp_camera.h"
#include "esp_heap_caps.h"
#include "pins.h"

/* At 20 MHz uncompressed pixels come faster than they can be written to PSRAM, and lines get lost ("puts a lot of
   strain on the chip": esp32-camera's README); up to 10 the driver packs two samples into a word (ll_cam.c,
   ll_cam_set_sample_mode). */
enum { XCLK_HZ = 10000000, NAME_BYTES = 16 };
static bool started;
static const char *error = "not started after a crash";
static camera_fb_t *held;
/* A sensor needs some frames until its exposure has settled, and the first are dark (esp32-camera, issues 633, 680). */
static uint32_t warm_up_frames;
static bool warm; /* the sensor has delivered frames that count */
static frame_view view;

static const char *error_text(esp_err_t code) {
    switch (code) {
    case ESP_ERR_CAMERA_NOT_DETECTED:
        return "no camera answers";
    case ESP_ERR_CAMERA_NOT_SUPPORTED:
        return "a camera of an unknown kind";
    case ESP_ERR_CAMERA_FAILED_TO_SET_FRAME_SIZE:
        return "the camera refuses the frame size";
    case ESP_ERR_CAMERA_FAILED_TO_SET_OUT_FORMAT:
        return "the camera refuses the pixel format";
    case ESP_ERR_NO_MEM:
        return "no memory for a frame";
    default:
        return esp_err_to_name(code);
    }
}

/* The smallest frame from which a square of `side` pixels can be cut. */
static framesize_t frame_size(uint32_t side) {
    framesize_t best = FRAMESIZE_SVGA; /* 800 x 600; the largest network input has 512 */
    for (framesize_t size = 0; size < FRAMESIZE_INVALID; size++) {
        const uint32_t width = resolution[size].width, height = resolution[size].height;
        const uint32_t pixels = resolution[best].width * (uint32_t)resolution[best].height;
        if (width >= side && height >= side && width * height < pixels) {
            best = size;
        }
    }
    return best;
}

/* As board_report has it, in small letters. */
static const char *sensor_name(void) {
    static char name[NAME_BYTES];
    sensor_t *sensor = esp_camera_sensor_get();
    const camera_sensor_info_t *info = sensor != NULL ? esp_camera_sensor_get_info(&sensor->id) : NULL;
    if (info == NULL) {
        return "unknown";
    }
    for (uint32_t i = 0; i < NAME_BYTES - 1 && info->name[i] != '\0'; i++) {
        const char letter = info->name[i];
        name[i] = letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
    }
    return name;
}

/* A sensor need not have the function, and what it answers changes nothing. */
static void call(int (*set)(sensor_t *, int), sensor_t *sensor, int value) {
    if (set != NULL) {
        set(sensor, value);
    }
}

/* Orientation is lib/frame's: not every sensor turns its pictures, and some change their colours with it. */
void board_camera_set(const board_camera_settings *settings) {
    sensor_t *sensor = started ? esp_camera_sensor_get() : NULL;
    warm_up_frames = settings->warm_up_frames;
    warm = false;
    if (sensor == NULL) {
        return;
    }
    const bool by_itself = settings->exposure == CAMERA_AUTO;
    call(sensor->set_exposure_ctrl, sensor, by_itself);
    if (!by_itself) {
        call(sensor->set_aec_value, sensor, settings->exposure);
    }
    call(sensor->set_whitebal, sensor, 1);
    call(sensor->set_awb_gain, sensor, 1);
    call(sensor->set_wb_mode, sensor, settings->white_balance);
}

const char *camera_start(uint32_t side, uint32_t channels) {
    const camera_pins *p = &pins.camera;
    const bool psram = heap_caps_get_total_size(MALLOC_CAP_SPIRAM) > 0;
    const camera_config_t config = {
        .pin_pwdn = p->pwdn,
        .pin_reset = p->reset,
        .pin_xclk = p->xclk,
        .pin_sccb_sda = p->sccb_sda,
        .pin_sccb_scl = p->sccb_scl,
        .pin_d7 = p->d7,
        .pin_d6 = p->d6,
        .pin_d5 = p->d5,
        .pin_d4 = p->d4,
        .pin_d3 = p->d3,
        .pin_d2 = p->d2,
        .pin_d1 = p->d1,
        .pin_d0 = p->d0,
        .pin_vsync = p->vsync,
        .pin_href = p->href,
        .pin_pclk = p->pclk,
        .xclk_freq_hz = XCLK_HZ,
        .ledc_timer = LEDC_TIMER_0,
        .ledc_channel = LEDC_CHANNEL_0,
        /* Both have the same grey; RGB565 would cut it to 5 and 6 bits. */
        .pixel_format = channels == 1 ? PIXFORMAT_GRAYSCALE : PIXFORMAT_YUV422,
        /* A sensor leaves pixels out to make its frames small, lib/frame averages them. */
        .frame_size = frame_size(psram ? 2 * side : side),
        .fb_count = 1, /* more: the camera would never pause, and the copying would disturb the network */
        .fb_location = psram ? CAMERA_FB_IN_PSRAM : CAMERA_FB_IN_DRAM,
        .grab_mode = CAMERA_GRAB_WHEN_EMPTY,
    };
    const esp_err_t code = esp_camera_init(&config);
    started = code == ESP_OK;
    error = started ? "" : error_text(code);
    const board_camera_settings settings = board_default_camera();
    board_camera_set(&settings);
    return started ? sensor_name() : NULL;
}

/* False for pixels that lib/frame does not know. */
static bool look_at(const camera_fb_t *frame) {
    view = (frame_view){.pixels = frame->buf,
        .bytes = frame->len,
        .width = (uint32_t)frame->width,
        .height = (uint32_t)frame->height};
    switch (frame->format) {
    case PIXFORMAT_GRAYSCALE:
        view.format = FRAME_GREY;
        view.stride = frame->width;
        return true;
    case PIXFORMAT_YUV422:
        view.format = FRAME_YUV422;
        view.stride = 2 * frame->width;
        return true;
    default:
        return false;
    }
}

/* False when a frame does not come. */
static bool drop(uint32_t frames) {
    for (uint32_t i = 0; i < frames; i++) {
        camera_fb_t *frame = esp_camera_fb_get();
        if (frame == NULL) {
            return false;
        }
        esp_camera_fb_return(frame);
    }
    return true;
}

const frame_view *board_camera_take(void) {
    board_camera_release();
    if (!started) {
        return NULL;
    }
    /* The first one was taken when the one before it was given back, some time ago. */
    held = drop(warm ? 1 : warm_up_frames) ? esp_camera_fb_get() : NULL;
    warm = held != NULL;
    if (held == NULL) {
        error = "no frame comes";
        return NULL;
    }
    if (!look_at(held)) {
        error = "a frame of an unknown format";
        board_camera_release();
        return NULL;
    }
    error = "";
    return &view;
}

void board_camera_release(void) {
    if (held != NULL) {
        esp_camera_fb_return(held);
        held = NULL;
    }
}

const char *board_camera_error(void) {
    return error;
}
