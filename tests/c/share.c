/*
 * Two cores share a model's work: as two threads, or with -DINTERLEAVED as two coroutines that change places at random
 * basic blocks of the runtime, which is compiled with -fsanitize-coverage=trace-pc for that.
 *
 *     share MODEL.sqz PICTURES.bin RUNS SEED      prints: runs N meetings N changes N
 *
 * It ends with an error where the scores of a shared run are others than sqz_run()'s. With -DNOBODY_WAITS the cores do not
 * wait for each other.
 */
#ifdef INTERLEAVED
#include <ucontext.h>
#else
#include <pthread.h>
#include <sched.h>
#endif
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "squeeze_rt.h"

enum { CORES = 2, LARGEST_FILE = 1 << 22 };

typedef struct {
    const sqz_model *model;
    uint8_t *arena;
    sqz_status status[CORES];
} shared_run;

static unsigned long meetings, changes;
static uint32_t arrivals; /* of both cores, at all meetings of a run */

static void demand(int condition, const char *what) {
    if (!condition) {
        fprintf(stderr, "share: not so: %s\n", what);
        exit(1);
    }
}

static void pause_core(void);

/* Each meeting has two arrivals; nobody comes to the next one before. */
static bool meet(void *context) {
    (void)context;
    const uint32_t mine = __atomic_add_fetch(&arrivals, 1, __ATOMIC_ACQ_REL), all = mine + mine % CORES;
#ifndef NOBODY_WAITS
    while (__atomic_load_n(&arrivals, __ATOMIC_ACQUIRE) < all) {
        pause_core();
    }
#endif
    return all != 0;
}

static void run_core(shared_run *run, uint32_t core) {
    run->status[core] = sqz_run_share(run->model, run->arena, run->model->arena_bytes, core, meet, NULL);
}

#ifdef INTERLEAVED

static ucontext_t cores[CORES], outside;
static shared_run *current;
static int running = -1; /* a core; none: nothing changes places */
static bool done[CORES];
static uint32_t noise, seldom; /* one block in so many, on average, ends with a change */

static uint32_t next_noise(void) {
    noise ^= noise << 13;
    noise ^= noise >> 17;
    noise ^= noise << 5;
    return noise;
}

/* Goes on with the other core, if it is not done. */
static void pause_core(void) {
    const int from = running, to = 1 - from;
    if (!done[to]) {
        changes++;
        running = to;
        swapcontext(&cores[from], &cores[to]);
    }
}

/* Before each basic block of the runtime. */
void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void) {
    if (running >= 0 && next_noise() % seldom == 0) {
        pause_core();
    }
}

static void start_core(int core) {
    run_core(current, (uint32_t)core);
    done[core] = true;
    running = done[1 - core] ? -1 : 1 - core;
    setcontext(running < 0 ? &outside : &cores[running]);
}

static void run_both(shared_run *run) {
    static uint8_t stacks[CORES][1 << 18];
    current = run;
    for (int core = 0; core < CORES; core++) {
        getcontext(&cores[core]);
        cores[core].uc_stack.ss_sp = stacks[core];
        cores[core].uc_stack.ss_size = sizeof stacks[core];
        makecontext(&cores[core], (void (*)(void))start_core, 1, core);
        done[core] = false;
    }
    seldom = 1u << (2u + next_noise() % 12u);
    const int first = (int)(next_noise() % CORES);
    running = first;
    swapcontext(&outside, &cores[first]);
}

static void seed_noise(uint32_t seed) {
    noise = seed * 2654435761u | 1u;
}

#else

static void pause_core(void) {
    sched_yield();
}

static void *other_core(void *run) {
    run_core(run, 1);
    return NULL;
}

static void run_both(shared_run *run) {
    pthread_t thread;
    demand(pthread_create(&thread, NULL, other_core, run) == 0, "there is a thread");
    run_core(run, 0);
    pthread_join(thread, NULL);
}

static void seed_noise(uint32_t seed) {
    (void)seed; /* the machine has its own */
}

#endif

static size_t read_file(const char *path, uint8_t *to) {
    FILE *stream = fopen(path, "rb");
    demand(stream != NULL, "each file can be read");
    const size_t bytes = fread(to, 1, LARGEST_FILE, stream);
    fclose(stream);
    return bytes;
}

int main(int argc, char **argv) {
    static _Alignas(16) uint8_t blob[LARGEST_FILE], pictures[LARGEST_FILE];
    demand(argc == 5, "there are four arguments");
    const size_t bytes = read_file(argv[1], blob), picture_bytes = read_file(argv[2], pictures);
    const unsigned long runs = strtoul(argv[3], NULL, 10);
    seed_noise((uint32_t)strtoul(argv[4], NULL, 10));
    sqz_model model;
    demand(sqz_open(&model, blob, bytes) == SQZ_OK, "the runtime takes the model");
    uint8_t *const arena = aligned_alloc(SQZ_ARENA_ALIGNMENT, model.arena_bytes + SQZ_ARENA_ALIGNMENT);
    int8_t *const expected = malloc(model.classes);
    for (unsigned long i = 0; i < runs; i++) {
        const uint8_t *picture = pictures + i % (picture_bytes / model.picture_bytes) * model.picture_bytes;
        memcpy(arena + model.picture_offset, picture, model.picture_bytes);
        demand(sqz_run(&model, arena, model.arena_bytes) == SQZ_OK, "one core runs the model");
        memcpy(expected, arena + model.scores_offset, model.classes);

        memset(arena, (int)i, model.arena_bytes);
        memcpy(arena + model.picture_offset, picture, model.picture_bytes);
        shared_run run = {&model, arena, {SQZ_ERR_CORE, SQZ_ERR_CORE}};
        arrivals = 0;
        run_both(&run);
        demand(run.status[0] == SQZ_OK && run.status[1] == SQZ_OK, "both cores get to the end");
        demand(memcmp(expected, arena + model.scores_offset, model.classes) == 0, "the scores are the same");
        demand(arrivals % CORES == 0, "the cores meet as often");
        meetings += arrivals / CORES;
    }
    printf("runs %lu meetings %lu changes %lu\n", runs, meetings, changes);
    free(expected);
    free(arena);
    return 0;
}
