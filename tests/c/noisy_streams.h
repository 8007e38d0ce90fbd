/* What a bad line makes of a conversation: requests of all kinds, whole and damaged, and plain noise. */
#ifndef NOISY_STREAMS_H
#define NOISY_STREAMS_H

#include <stdint.h>

enum { STREAM_MOST = 1 << 16 };

typedef struct {
    const uint8_t *start;
    uint32_t bytes;
} span;

typedef struct {
    uint32_t state;  /* of the random numbers */
    span model;      /* a .sqz, for pieces of it */
    span picture;    /* that the board's model can take */
    uint8_t *stream; /* STREAM_MOST bytes */
    uint32_t held;
} noise;

uint32_t next_below(noise *n, uint32_t limit); /* a random number */
void noisy_stream(noise *n);                   /* fills `stream` anew */
/* `stream` becomes one whole frame. */
void good_frame(noise *n, uint8_t type, uint16_t sequence, span payload);

#endif
