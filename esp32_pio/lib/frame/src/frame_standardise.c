/* Step 5 of images.py in integers: standardisation, by a table of 256 values made for each picture. */
#include "frame_standardise.h"

#include <stdbool.h>

/* As many squares of bytes as are sure to fit 32 bits. */
enum { SQUARES = 65536, VALUES = 256 };

/* 64-bit products by shifting and adding: the compiler's library for the chip has no routine for them. */
static uint64_t times(uint64_t a, uint32_t b) {
    uint64_t product = 0;
    for (; b != 0; b >>= 1) {
        if (b & 1u) {
            product += a;
        }
        a += a;
    }
    return product;
}

/* The largest r with r^2 <= value < 2^56, bit by bit: (r + bit)^2 - r^2 = (2 r + bit) x bit. */
static uint32_t square_root(uint64_t value) {
    uint64_t root = 0;
    for (uint64_t bit = (uint64_t)1 << 54; bit != 0; bit >>= 2) {
        const bool fits = value >= root + bit;
        if (fits) {
            value -= root + bit;
        }
        root >>= 1;
        if (fits) {
            root += bit;
        }
    }
    return (uint32_t)root;
}

/* images.py's D = 20 R + 51 m; *sum is its S. At most 2601 m: fits. */
static uint32_t divisor_of(const uint8_t *samples, uint32_t count, uint32_t *sum) {
    uint64_t squares = 0;
    *sum = 0;
    for (uint32_t start = 0; start < count; start += SQUARES) {
        const uint32_t left = count - start, end = start + (left < SQUARES ? left : SQUARES);
        uint32_t part = 0, part_squares = 0;
        for (uint32_t i = start; i < end; i++) {
            part += samples[i];
            part_squares += (uint32_t)samples[i] * samples[i];
        }
        *sum += part;
        squares += part_squares;
    }
    return 20u * square_root(times(squares, count) - times(*sum, *sum)) + 51u * count;
}

/*
 * What becomes of each byte p: the largest v in 0..255 with (v - 128) 2 D <= 2048 (m p - S) + D. Both sides grow
 * with p and v, so one walk through the values takes the place of the divisions.
 */
static void fill_table(uint8_t table[VALUES], uint32_t count, uint32_t sum, uint32_t divisor) {
    const int64_t value_step = (int64_t)times(count, 2048), evened_step = (int64_t)times(divisor, 2);
    int64_t value = (int64_t)divisor - (int64_t)times(sum, 2048);
    int64_t next = -(int64_t)times(divisor, 2u * 127u); /* from where on v + 1 is right */
    uint32_t evened = 0;
    for (uint32_t p = 0; p < VALUES; p++) {
        while (evened < VALUES - 1 && value >= next) {
            evened++;
            next += evened_step;
        }
        table[p] = (uint8_t)evened;
        value += value_step;
    }
}

void frame_standardise(uint8_t *samples, uint32_t count) {
    uint8_t table[VALUES];
    uint32_t sum;
    const uint32_t divisor = divisor_of(samples, count, &sum);
    fill_table(table, count, sum, divisor);
    for (uint32_t i = 0; i < count; i++) {
        samples[i] = table[samples[i]];
    }
}
