/* Internal: the part of a pooling window that lies on the plane. */
#ifndef POOL_WINDOW_H
#define POOL_WINDOW_H

#include <stdint.h>

/* Of the window with this index along one axis, what lies inside [0, size), from *first on; returns its length. */
static inline uint32_t window_inside(
    uint32_t index, uint32_t stride, uint32_t pad, uint32_t window, uint32_t size, uint32_t *first) {
    const uint32_t start = index * stride; /* in the padded plane */
    const uint32_t end = start + window < pad + size ? start + window : pad + size;
    *first = start > pad ? start - pad : 0;
    return end - pad - *first;
}

#endif
