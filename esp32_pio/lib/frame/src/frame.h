/*
 * frame: a picture born on the chip becomes a network input, bit for bit what squeezenet_lib/images.py makes of the
 * same pixels: grey or RGB, centre crop, resizing, standardisation. Integers only; nothing is allocated, working memory
 * is a few rows that the caller lends.
 *
 *     const frame_view frame = {.pixels = buffer, .bytes = length, .width = 320, .height = 240,
 *         .stride = 320, .format = FRAME_GREY};
 *     const frame_input input = {.height = model.height, .width = model.width, .channels = model.channels,
 *         .standardise = true};
 *     const size_t need = frame_scratch_bytes(&frame, &input);
 *     if (frame_to_input(&frame, &input, arena + model.picture_offset, model.picture_bytes,
 *             scratch, need) == FRAME_OK)
 *         sqz_run(&model, arena, sizeof arena);
 *
 * What a pixel of each format is, said once; squeezenet_lib/frame_pixels.py says the same in Python, and
 * images.to_network_input() of its pixels is the reference. `a >> b` rounds towards minus infinity, clip(v) is
 * min(255, max(0, v)).
 *
 * FRAME_GREY    1 byte: the grey value, 0 black, 255 white. What the OV2640's driver in esp32-camera calls grayscale
 *               are the Y bytes of YUV422.
 * FRAME_YUV422  Y0 U Y1 V: 4 bytes for 2 pixels side by side, so rows have an even number of pixels. One channel:
 *               the grey value is Y, as FRAME_GREY of the same camera. Three channels: with u = U - 128, v = V - 128
 *                   R = clip(Y + ((91881 v + 32768) >> 16))
 *                   G = clip(Y + ((-22554 u - 46802 v + 32768) >> 16))
 *                   B = clip(Y + ((116130 u + 32768) >> 16))
 *               That is BT.601 over the full range as JPEG has it, in the integers of libjpeg, with which Pillow
 *               decodes: OmniVision's equations, Y = 0.31 R + 0.59 G + 0.11 B, U = 0.563 (B - Y), V = 0.713 (R - Y),
 *               give Y all of 0..255. esp32-camera's own yuv2rgb() takes Y for 16..235 and stretches the contrast:
 *               pictures to train on that went through it are others.
 * FRAME_RGB565  2 bytes, the upper one first, as the OV2640 sends them: rrrrrggg gggbbbbb. Bits are repeated, so that
 *               white is white: R = r << 3 | r >> 2, G = g << 2 | g >> 4, B = b << 3 | b >> 2. (esp32-camera's
 *               converters leave zeros there.)
 * FRAME_RGB888  3 bytes R G B: what the decoder TJpgDec, which esp32-camera uses for JPEG, gives.
 * FRAME_BGR888  3 bytes B G R: what esp32-camera's fmt2rgb888() makes of RGB565 and YUV422.
 *
 * A camera need not be upright. `orientation` says what makes its pictures so: mirrored (left becomes right), then
 * flipped (top becomes bottom), then turned by a quarter, clockwise; all that follows is of the upright picture. It is
 * upright() of squeezenet_lib/frame_pixels.py. A frame that is turned is read column by column, which costs more.
 *
 * Grey of R, G, B is (77 R + 150 G + 29 B + 128) >> 8. A JPEG gives other pixels in each decoder, on the chip and in
 * Pillow: the equality begins behind it.
 */
#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The longest side of a frame and of a network input: 255 x 4096^2 fits 32 bits. */
#define FRAME_MAX_SIDE 4096
/* Of a network input, height x width x channels: the largest that params.yaml allows. */
#define FRAME_MAX_SAMPLES       (512 * 512 * 3)
#define FRAME_SCRATCH_ALIGNMENT 4

typedef enum { FRAME_GREY, FRAME_YUV422, FRAME_RGB565, FRAME_RGB888, FRAME_BGR888 } frame_format;

/* Sums of these are orientations: half a turn is FRAME_MIRROR + FRAME_FLIP. */
enum { FRAME_UPRIGHT = 0, FRAME_MIRROR = 1, FRAME_FLIP = 2, FRAME_TURN = 4, FRAME_ORIENTATIONS = 8 };

/* A frame that someone else owns, as it lies in memory. Row y begins at pixels + y x stride; bytes between the rows are
   not looked at. */
typedef struct {
    const uint8_t *pixels;
    size_t bytes; /* that may be read at `pixels` */
    uint32_t width;
    uint32_t height;
    size_t stride; /* bytes, at least those of a row */
    frame_format format;
    uint8_t orientation; /* FRAME_UPRIGHT, or a sum */
} frame_view;

/* The wished network input: height x width x channels bytes, rows from the top, channels innermost. */
typedef struct {
    uint32_t height;
    uint32_t width;
    uint32_t channels; /* 1: grey, 3: red, green, blue */
    bool standardise;
} frame_input;

typedef enum {
    FRAME_OK = 0,
    FRAME_ERR_NULL = -1,    /* a pointer is NULL */
    FRAME_ERR_FORMAT = -2,  /* not a frame_format, or not an orientation */
    FRAME_ERR_SIZE = -3,    /* width or height is 0 or above FRAME_MAX_SIDE, or YUV422 has an odd width */
    FRAME_ERR_STRIDE = -4,  /* rows would overlap */
    FRAME_ERR_BYTES = -5,   /* the frame's rows need more than `bytes` */
    FRAME_ERR_INPUT = -6,   /* a side is 0 or too long, channels are not 1 or 3, or too many samples */
    FRAME_ERR_OUTPUT = -7,  /* less room than height x width x channels bytes */
    FRAME_ERR_SCRATCH = -8, /* scratch memory too small or misaligned */
} frame_status;

/* Bytes of a pixel; 0 when there is no such format. */
uint32_t frame_pixel_bytes(frame_format format);

/* Whether the frame is one, as long as it says: FRAME_OK or FRAME_ERR_FORMAT to FRAME_ERR_BYTES. */
frame_status frame_check_view(const frame_view *frame);

/*
 * Bytes of scratch memory that frame_to_input() needs, channels x (4 x the input's width + the crop's, which is at most
 * the frame's), or 0 when it would refuse frame or input. The pixels need not be there yet, and `pixels` may be NULL.
 */
size_t frame_scratch_bytes(const frame_view *frame, const frame_input *input);

/*
 * Writes the network input to the first height x width x channels bytes at `out` (`out_bytes` states the room there).
 * `scratch` is 4-byte aligned; what it holds afterwards means nothing. Frame, output and scratch memory must not
 * overlap. Unless it returns FRAME_OK it has written nothing.
 */
frame_status frame_to_input(const frame_view *frame, const frame_input *input, uint8_t *out, size_t out_bytes,
    void *scratch, size_t scratch_bytes);

/* One short English phrase for a status. */
const char *frame_status_text(frame_status status);

#endif
