/* A model that comes over the line, chunk by chunk, into RAM. */
#include <string.h>

#include "application.h"
#include "sqz_format.h"

enum { CHUNK_HEADER_BYTES = 8 };

static uint32_t align_down(uint32_t bytes) {
    return bytes & ~(uint32_t)(SQZ_ARENA_ALIGNMENT - 1);
}

static uint32_t align_up(uint32_t bytes) {
    return align_down(bytes + SQZ_ARENA_ALIGNMENT - 1);
}

/* Where the memory ends that no loaded model occupies. */
static uint32_t free_end(const application *app) {
    if (app->loading.start != NULL) {
        return (uint32_t)(app->loading.start - app->memory);
    }
    return app->from_ram ? (uint32_t)(app->model.blob - app->memory) : app->memory_bytes;
}

uint8_t *spare_memory(const application *app, uint32_t bytes) {
    const uint32_t start = align_up(app->model.arena_bytes), end = free_end(app);
    return start <= end && bytes <= end - start ? app->memory + start : NULL;
}

static void use_image_model(application *app) {
    app->model = app->image_model;
    app->from_ram = false;
    app->golden.tested = false;
    app->generation++;
}

/* The first chunk: decide from the file's header, before anything is given up. */
static link_reason begin(
    application *app, const uint8_t *bytes, uint32_t count, uint32_t total, sqz_status *detail) {
    sqz_header header;
    if (count < sizeof header) {
        return LINK_LENGTH;
    }
    memcpy(&header, bytes, sizeof header);
    *detail = sqz_check_start(&header, total);
    if (*detail != SQZ_OK) {
        return LINK_REFUSED;
    }
    const uint32_t image_arena = app->image_model.arena_bytes;
    const uint32_t arena = header.arena_bytes > image_arena ? header.arena_bytes : image_arena;
    if (total > app->memory_bytes || arena > align_down(app->memory_bytes - total)) {
        return LINK_MEMORY;
    }
    use_image_model(app); /* a model loaded before is overwritten from here on */
    app->loading = (loading){.start = app->memory + align_down(app->memory_bytes - total), .total = total};
    return LINK_OK;
}

static link_reason finish(application *app, sqz_status *detail) {
    sqz_model model;
    *detail = sqz_open(&model, app->loading.start, app->loading.total);
    app->loading = (loading){.start = NULL};
    if (*detail != SQZ_OK) {
        return LINK_REFUSED;
    }
    app->model = model;
    app->from_ram = true;
    app->golden.tested = false;
    app->generation++;
    return LINK_OK;
}

link_reason load_chunk(application *app, const uint8_t *payload, uint32_t bytes, sqz_status *detail) {
    *detail = SQZ_OK;
    if (bytes <= CHUNK_HEADER_BYTES) {
        return LINK_LENGTH;
    }
    const uint32_t offset = link_u32(payload), total = link_u32(payload + 4),
                   count = bytes - CHUNK_HEADER_BYTES;
    payload += CHUNK_HEADER_BYTES;
    if (offset > total || count > total - offset) {
        return LINK_VALUE;
    }
    loading *const load = &app->loading;
    const bool loaded = load->start == NULL && app->from_ram && total == app->model.blob_bytes;
    if (loaded && offset > 0 && memcmp(app->model.blob + offset, payload, count) == 0) {
        return LINK_OK; /* asked twice, the answer was lost */
    }
    if (offset == 0) {
        const link_reason reason = begin(app, payload, count, total, detail);
        if (reason != LINK_OK) {
            return reason;
        }
    }
    if (load->start == NULL || total != load->total || offset > load->held) {
        return LINK_ORDER;
    }
    memcpy(load->start + offset, payload, count);
    load->held = offset + count > load->held ? offset + count : load->held;
    return load->held == load->total ? finish(app, detail) : LINK_OK;
}
