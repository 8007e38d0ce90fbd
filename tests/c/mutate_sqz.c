/*
 * Runs a .sqz blob many times with random damage whose CRC-32 is made right again, in buffers of exactly the stated
 * sizes; built with AddressSanitizer and UndefinedBehaviorSanitizer, which end the program at the first bad access.
 *
 *     mutate_sqz FILE ROUNDS SEED      prints: accepted N refused N stopped N
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crc32.h"
#include "squeeze_rt.h"
#include "sqz_format.h"

#define LARGEST_ARENA 65536u /* larger ones are legal, but cost time */

static uint32_t state;

static uint32_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

/* Damages 1 to 3 places: any byte, or, three times in four, one of header, tensors and ops. */
static void damage(uint8_t *blob, uint32_t bytes) {
    const sqz_header *h = (const sqz_header *)blob;
    const uint32_t program =
        (uint32_t)(sizeof *h + h->tensors * sizeof(sqz_tensor) + h->ops * sizeof(sqz_op));
    for (uint32_t places = 1 + next_random() % 3; places > 0; places--) {
        const uint32_t limit = next_random() % 4 && program < bytes ? program : bytes;
        uint8_t *at = blob + next_random() % limit;
        switch (next_random() % 3) {
        case 0:
            *at = (uint8_t)next_random();
            break;
        case 1:
            *at ^= (uint8_t)(1u << next_random() % 8);
            break;
        default:
            *at = (uint8_t)(*at + 1 - 2 * (next_random() & 1));
        }
    }
}

static void repair_header(uint8_t *blob, uint32_t bytes) {
    sqz_header *h = (sqz_header *)blob;
    memcpy(h->magic, "SQZ1", 4);
    h->format = SQZ_FORMAT;
    h->header_bytes = sizeof *h;
    h->total_bytes = bytes;
    h->crc32 = sqz_crc32(0, blob + SQZ_CRC_START, bytes - SQZ_CRC_START);
}

/* Runs the model in an arena of exactly its size. */
static sqz_status run(const sqz_model *model) {
    void *arena;
    if (posix_memalign(&arena, SQZ_ARENA_ALIGNMENT, model->arena_bytes) != 0)
        abort();
    for (uint32_t i = 0; i < model->picture_bytes; i++)
        ((uint8_t *)arena)[model->picture_offset + i] = (uint8_t)next_random();
    const sqz_status status = sqz_run(model, arena, model->arena_bytes);
    free(arena);
    return status;
}

int main(int argc, char **argv) {
    if (argc != 4)
        return 2;
    FILE *file = fopen(argv[1], "rb");
    static uint8_t original[1 << 20];
    const uint32_t size = file ? (uint32_t)fread(original, 1, sizeof original, file) : 0;
    if (size < sizeof(sqz_header))
        return 2;
    fclose(file);
    state = (uint32_t)strtoul(argv[3], NULL, 10) | 1u;

    unsigned long accepted = 0, refused = 0, stopped = 0;
    for (unsigned long rounds = strtoul(argv[2], NULL, 10); rounds > 0; rounds--) {
        const uint32_t bytes =
            next_random() % 8 ? size : (uint32_t)sizeof(sqz_header) + next_random() % (size - 64);
        uint8_t *blob = malloc(bytes);
        memcpy(blob, original, bytes);
        damage(blob, bytes);
        repair_header(blob, bytes);
        sqz_model model;
        if (sqz_open(&model, blob, bytes) != SQZ_OK || model.arena_bytes > LARGEST_ARENA)
            refused++;
        else if (run(&model) != SQZ_OK)
            stopped++;
        else
            accepted++;
        free(blob);
    }
    printf("accepted %lu refused %lu stopped %lu\n", accepted, refused, stopped);
    return 0;
}
