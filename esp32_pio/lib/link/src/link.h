/*
 * The serial link between a host and the chip, version 1. Its twins on the host: squeezenet_lib/device/protocol.py and
 * site/src/protocol.ts.
 *
 * On the line
 *
 *   frame = 0x00 | COBS(body) | 0x00      body = header | payload | crc32
 *   header = u8 version | u8 type | u16 sequence | u32 payload bytes
 *
 * Numbers are little endian. The CRC-32 (zlib's) covers header and payload. COBS (Cheshire and Baker, Consistent
 * Overhead Byte Stuffing, 1999) keeps 0x00 out of the body, so whatever was lost, flipped or repeated, a 0x00 ends it,
 * and the frame after it is whole. Of the line's bytes, what lies between two 0x00 and is no frame is text or noise:
 * the chip's boot report is text, and so are MLPerf Tiny's commands, printable bytes that end in '%', and their
 * answers. One 0x00 may end a frame and start the next. A version is below 32, so that the second byte behind a 0x00
 * tells a frame from text.
 *
 * The host asks, the chip answers with the same sequence number and the type + LINK_ANSWER, or with LINK_ERROR:
 * u8 reason | i8 detail | text, UTF-8. A frame too damaged to tell its sequence number is answered with number 0, which
 * no host uses. The chip reads nothing while it works and its port holds 128 bytes: wait for the answer, or for an
 * error or silence, before asking again. Asking twice does no harm, whatever the command.
 *
 *   type            payload                          answer's payload
 *   LINK_HELLO      none                             lines `key=value`, UTF-8; see report.c
 *   LINK_CLASSIFY   the network input, height x      u16 class | u16 classes | u32 microseconds | u32 cycles |
 *                   width x channels bytes           u32 CRC-32 in the model's header | i8 scores[classes]
 *   LINK_GOLDEN     none                             u8 1: passed, 0: failed | u8 0 | u16 pictures | text: why not
 *   LINK_BENCH      u16 n, 1 to 1,000                u16 n | u16 cycles in a microsecond | u32 least | u32 most |
 *                                                    u64 sum of the cycles of n inferences, on a golden picture
 *   LINK_LOAD       u32 offset | u32 total |         u32 bytes held; with the last, the model answers
 *                   up to LINK_CHUNK bytes of a .sqz
 *   LINK_BAUD       u32 bits in a second             none, still at the old speed. Unless a good frame comes at the
 *                                                    new one within 2 s of silence, the chip goes back to the image's.
 *   LINK_TAKE       none                             u32 microseconds that the camera took | u32 that the network input
 *                                                    took | LINK_CLASSIFY's answer
 *   LINK_REPEAT     u8 1: take and classify picture  none
 *                   after picture, 0: end that
 *   LINK_FRAME      u32 picture | u32 offset |       u32 picture | u32 offset | u32 bytes in all | u32 CRC-32 of them |
 *                   u16 bytes | u8 trigger           u32 microseconds that the camera took | u16 width | u16 height |
 *                                                    u8 frame_format | u8 orientation of frame.h | bytes of the
 *                                                    frame
 *   LINK_CAMERA     none, or what the camera shall   u8 orientation of frame.h | u8 frames dropped before the first |
 *                   do from now on, as the answer    u16 exposure, 0xFFFF: by itself | u8 white balance: see
 *                                                    board_camera_settings of board.h
 *
 * LINK_CLASSIFY's class is the model's answer, which need not be the class of the highest score where the model's file
 * says how it decides (sqz_format.h); 0xFFFF: unknown.
 *
 * Loading starts at offset 0 and goes on without gaps; what is held already may come again. The first chunk, at least
 * the file's header, decides whether the model is for this chip: version, size, arena. From then on until the last
 * chunk is checked, the image's own model answers; when the new one is refused, it stays.
 *
 * LINK_FRAME gives a picture as the camera has it, row behind row, up to LINK_FRAME_CHUNK bytes at once. `picture` is a
 * number of the host's choice, not 0: with another than that of the picture that is held, and offset 0, a picture is
 * taken and held, until the camera takes the next one, for whomever. Another piece of a picture that is not held is
 * LINK_ORDER's error: begin anew, with another number. trigger: 0: take it at once, 1: when the button has been
 * pressed; until then the answer says 0 bytes in all. A press is waited for until 2 s after the last such request.
 *
 * What is taken after LINK_REPEAT goes to the display and, as text, to the line. Requests are answered in between; the
 * next picture waits until the line has been silent for 0.4 s.
 */
#ifndef LINK_H
#define LINK_H

#include <stdbool.h>
#include <stdint.h>

enum {
    LINK_VERSION = 1,
    LINK_HEADER_BYTES = 8,
    LINK_CRC_BYTES = 4,
    LINK_CHUNK = 1024, /* of LINK_LOAD */
    LINK_FRAME_CHUNK = 4096,
    LINK_LINE_BYTES = 80, /* of a line of text, MLPerf Tiny's limit */
};

enum {
    LINK_HELLO = 0x01,
    LINK_CLASSIFY = 0x02,
    LINK_GOLDEN = 0x03,
    LINK_BENCH = 0x04,
    LINK_LOAD = 0x05,
    LINK_BAUD = 0x06,
    LINK_TAKE = 0x07,
    LINK_REPEAT = 0x08,
    LINK_FRAME = 0x09,
    LINK_CAMERA = 0x0A,
    LINK_ANSWER = 0x80, /* added to the request's type */
    LINK_ERROR = 0xFF,
};

/* Why a request was not done: the reason in LINK_ERROR. The first two are the line's fault: ask again. */
typedef enum {
    LINK_OK = 0,
    LINK_DAMAGED = 1,    /* too short, or the CRC-32 or the stuffing do not match */
    LINK_TIMEOUT = 2,    /* the line fell silent within a frame */
    LINK_FOREIGN = 3,    /* another version of the protocol */
    LINK_TYPE = 4,       /* no such command */
    LINK_LENGTH = 5,     /* the payload has another length than the header says or the command takes */
    LINK_VALUE = 6,      /* out of range */
    LINK_NO_MODEL = 7,   /* the model was refused at boot; detail: its sqz_status */
    LINK_REFUSED = 8,    /* the model being loaded is no good; detail: its sqz_status */
    LINK_MEMORY = 9,     /* it does not fit into RAM */
    LINK_ORDER = 10,     /* a chunk that leaves a gap, or of a picture that is not held */
    LINK_FAILED = 11,    /* the runtime stopped; detail: its sqz_status */
    LINK_SAFE = 12,      /* the chip crashed and waits: it answers LINK_HELLO only */
    LINK_NO_CAMERA = 13, /* it gave no picture; the text says why */
} link_reason;

typedef struct {
    uint8_t version, type;
    uint16_t sequence;
    uint32_t length; /* of the payload, bytes */
} link_header;

typedef enum {
    LINK_GOT_NOTHING = 0, /* more bytes are needed */
    LINK_GOT_HEADER,      /* a header, not yet proven: say where the payload goes, link_accept() */
    LINK_GOT_FRAME,       /* a whole frame, header and payload proven by the CRC-32 */
    LINK_GOT_LINE,        /* a line of text in `line`, NUL-terminated, without its '%' */
    LINK_GOT_ERROR,       /* a frame ended and is none; `reason` says why */
} link_event;

/* Takes the stream apart. Plain data, owned by the caller; all zero to start with. */
typedef struct {
    link_header header;
    link_reason reason;
    char line[LINK_LINE_BYTES + 1];
    uint8_t line_bytes;
    bool framed;       /* a 0x00 has come: what follows is a frame, if it is no text */
    bool begun;        /* and its first byte has come */
    bool stuffed;      /* COBS: the next code byte stands for a 0x00, too */
    uint8_t block;     /* COBS: bytes left until the next code byte */
    uint32_t received; /* bytes of the body so far */
    uint32_t crc;      /* of these */
    uint8_t start[LINK_HEADER_BYTES];
    uint8_t *payload; /* where it goes; NULL: nowhere */
} link_receiver;

/* Take one byte of the line. */
link_event link_receive(link_receiver *receiver, uint8_t byte);

/* Answer to LINK_GOT_HEADER: room for header.length bytes, or NULL to let them pass. */
void link_accept(link_receiver *receiver, uint8_t *payload);

/* The line has been silent for long: LINK_GOT_ERROR when a frame was under way, else LINK_GOT_NOTHING. */
link_event link_silence(link_receiver *receiver);

/* Puts a frame on the line, piece by piece. */
typedef struct {
    void (*write)(const uint8_t *bytes, uint32_t count);
    uint32_t crc;
    uint8_t block[255]; /* code byte and up to 254 bytes without 0x00 */
    uint8_t held;
} link_sender;

void link_send_start(link_sender *sender, uint8_t type, uint16_t sequence, uint32_t length);
void link_send(link_sender *sender, const void *bytes, uint32_t count); /* in all, exactly `length` bytes */
void link_send_end(link_sender *sender);

/* A number, little endian, from bytes that need no alignment. */
uint16_t link_u16(const uint8_t *bytes);
uint32_t link_u32(const uint8_t *bytes);
/* And back; what does not fit is cut off. */
void link_put_u16(uint8_t *bytes, uint32_t value);
void link_put_u32(uint8_t *bytes, uint32_t value);

#endif
