/* The firmware: boot, self-test, then classify pictures that arrive on the serial port.

   Protocol, all numbers little endian. Host to chip:
       "SQ" | u8 type | u8 0 | u32 payload bytes | payload | u32 crc32 of everything from type to payload
       type 'P': a picture, the finished network input, height x width x channels bytes
       type 'I': report, no payload        type 'T': self-test, no payload
   Chip to host, lines of text:
       boot step=...            info ...           selftest pass pictures=4
       result class=1 name=defective scores=-90,89 us=41234 cycles=9896160
       error reason=crc|length|type|timeout|model
   The chip reads nothing while it works, and its port holds 128 bytes: wait for the answer before the next frame.
   After an error it looks for the next "SQ". A frame cut short may take the start of its successor with it. */
#ifndef APPLICATION_H
#define APPLICATION_H

#include <stdbool.h>
#include <stdint.h>

#include "board.h"
#include "squeeze_rt.h"

typedef struct {
    const board_report *board;
    sqz_model model;
    sqz_status status; /* of sqz_open(); when it is not SQZ_OK the chip answers reports only */
    uint8_t *arena;    /* 16-byte aligned */
    uint32_t arena_bytes;
} application;

/* info.c */
void print_banner(const application *app);
void print_info(const application *app);

/* selftest.c: every golden picture, bit for bit. Prints one line. */
void run_selftest(const application *app);

/* classify.c: the picture is in the arena already. Prints the result line. */
void classify_received(const application *app);
void print_scores(const int8_t *scores, uint32_t count);

/* serve.c: answers one frame after the other, for ever. */
_Noreturn void serve(const application *app);

#endif
