/*
 * Internal: a filter's taps in lists, one for each weight from -7 to 7.
 *
 * Within a filter the order of taps is free. A list's taps need no weight: 1, 2 and 4 are added by one instruction a
 * word. So are 3, 5, 6 and 7: sums are linear modulo 2^32, where odd numbers have inverses. Sums so far are multiplied
 * by 7/5 before the first 5 comes, by 5/3 before the first 3, by 3 before the first 1. On the shift grid, whose numbers
 * are powers of two, most of that is left out.
 *
 * The lanes' budget (sum_taps.h) ends a chunk as it does for taps in sequence.
 */
#ifndef TAP_LISTS_H
#define TAP_LISTS_H

#include <stddef.h>

#include "sqz_format.h"
#include "sum_taps.h"

/* Lists are numbered magnitude x 2 + negative. List 0 takes zeros, which nobody reads; list 1, which has no room, what
 * has no list. On the shift grid, where all weights are 0 or +-1, +-2, +-4, +-8, the lists of 3 are those of 8, and the
 * weight of list 1 is not 0. */
#define TAP_LISTS        16u
#define FIRST_TAP_LIST   2u
#define FIRST_LARGE_LIST 8u

/* A list while a filter is decoded. */
typedef struct {
    uint32_t next;   /* where it goes on: a mark */
    uint32_t weight; /* magnitude << 16, and the magnitude once more where it is negative */
} tap_list;

/*
 * A mark is a place for a tap, which is where its input lies, in words from the window's first (16 bits): its address
 * on the chip, elsewhere its number, counted from the start of this record.
 * marks[0][l]: where list l begins; marks[k][l]: where its taps of chunk k end; list 0 comes last. marks[k][1]: what
 * the negative taps of chunk k can add up to, marks[0][1]: those of all chunks. marks[k][0]: whether a chunk comes
 * after k.
 */
typedef struct {
    tap_list lists[TAP_LISTS];
    uint32_t marks[][TAP_LISTS];
} tap_lists;

/* Taps that list `list` has room for. `lists`: of the op, not 0. Those of 4 to 7 may have other room than the rest. */
static inline uint32_t list_room(const sqz_op *op, uint32_t list) {
    const uint32_t marks = 1u + op->lists, large = op->kernel_x, larger = TAP_LISTS - FIRST_LARGE_LIST;
    const uint32_t fixed = (uint32_t)(sizeof(tap_list) + marks * sizeof(uint32_t)) * TAP_LISTS;
    const uint32_t bytes = 4u * op->tap_words;
    const uint32_t room = bytes < fixed ? 0 : (bytes - fixed) / (uint32_t)sizeof(uint16_t);
    if (large == 0) {
        return room / (TAP_LISTS - FIRST_TAP_LIST);
    }
    if (list >= FIRST_LARGE_LIST) {
        return large;
    }
    return room < larger * large ? 0 : (room - larger * large) / (FIRST_LARGE_LIST - FIRST_TAP_LIST);
}

#endif
