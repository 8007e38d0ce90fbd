/*
 * How large a model may be for the runtime to take it; the compiler refuses what is larger (its twin is
 * squeezenet_lib/sqz/limits.py). What a field of sqz_format.h cannot hold is too large as well.
 */
#ifndef SQZ_LIMITS_H
#define SQZ_LIMITS_H

#define SQZ_MAX_ARENA            (1u << 24) /* bytes */
#define SQZ_MAX_SIDE             2048u
#define SQZ_MAX_PITCH            4096u
#define SQZ_MAX_CHANNELS         4096u
#define SQZ_MAX_PICTURE_CHANNELS 64u
#define SQZ_MAX_CLASSES          4095u   /* softmax's fixed-point sum has 12 bits before the point */
#define SQZ_MAX_FILTER_WEIGHTS   0xFFFFu /* a chunk has 16 bits for its number of taps */
#define SQZ_MAX_STRIDE           16u
#define SQZ_MAX_KERNEL           64u
#define SQZ_MAX_TAP_OFFSET       0xFFFFu /* in words: a tap has 16 bits for it */

#endif
