/*
 * Two cores share a model's work: as two threads, or with -DINTERLEAVED as two coroutines that change places at random
 * basic blocks of the runtime, which is compiled with -fsanitize-coverage=trace-pc for that.
 *
 *     share MODEL.sqz PICTURES.bin RUNS SEED      prints: runs N meetings N changes N
 *
 * It ends with an error where the scores of a shared run are others than sqz_run()'s. With -DNOBODY_WAITS the cores do
 * not wait for each other.
 *
 * With -DDAMAGED, too, each run has a mutation of the model, in an arena and a blob with a guard page behind each:
 * whatever becomes of scores, no run touches one. Prints: runs N of those that two cores share.
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

#ifdef DAMAGED
#include <sys/mman.h>
#include <unistd.h>

#include "mutate_sqz.h"
#endif

enum { CORES = 2, LARGEST_FILE = 1 << 22, LARGEST_ARENA = 1 << 20, MOST_BLOCKS = 1 << 24 };

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
static uint32_t blocks;  /* of a run */
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
    if (running >= 0 && ++blocks == MOST_BLOCKS) { /* a damaged model may take hours */
        running = -1;
        setcontext(&outside);
    }
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
    blocks = 0;
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

#ifdef DAMAGED

/* So many bytes up to a page that nobody may touch, aligned to 16 where `bytes` is a multiple of that. */
static uint8_t *guarded(size_t bytes, void **map, size_t *mapped) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = (bytes + page - 1) / page * page;
    *mapped = pages + page;
    *map = mmap(NULL, *mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    demand(*map != MAP_FAILED && mprotect((uint8_t *)*map + pages, page, PROT_NONE) == 0, "there is memory");
    return (uint8_t *)*map + pages - bytes;
}

/* Whether two cores share what mutation `seed` makes of the model; it is run then. */
static bool run_damaged(const uint8_t *whole, size_t bytes, uint32_t seed) {
    void *maps[2];
    size_t mapped[2];
    uint8_t *blob = guarded(bytes, &maps[0], &mapped[0]);
    memcpy(blob, whole, bytes);
    mutate_sqz(blob, bytes, seed);
    repair_sqz(blob, bytes);
    sqz_model model;
    const bool shared = sqz_open(&model, blob, bytes) == SQZ_OK && model.cores == CORES &&
                        model.arena_bytes <= LARGEST_ARENA && model.arena_bytes % SQZ_ARENA_ALIGNMENT == 0;
    if (shared) {
        shared_run run = {&model, guarded(model.arena_bytes, &maps[1], &mapped[1]), {SQZ_OK, SQZ_OK}};
        memset(run.arena, (int)seed, model.arena_bytes);
        arrivals = 0;
        run_both(&run);
        munmap(maps[1], mapped[1]);
    }
    munmap(maps[0], mapped[0]);
    return shared;
}

#else

static void compare_runs(
    const uint8_t *blob, size_t bytes, const uint8_t *pictures, size_t picture_bytes, unsigned long runs) {
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
    free(expected);
    free(arena);
}

#endif

int main(int argc, char **argv) {
    static _Alignas(16) uint8_t blob[LARGEST_FILE], pictures[LARGEST_FILE];
    demand(argc == 5, "there are four arguments");
    const size_t bytes = read_file(argv[1], blob), picture_bytes = read_file(argv[2], pictures);
    unsigned long runs = strtoul(argv[3], NULL, 10);
    const uint32_t seed = (uint32_t)strtoul(argv[4], NULL, 10);
    seed_noise(seed);
#ifdef DAMAGED
    (void)picture_bytes;
    const unsigned long mutations = runs;
    runs = 0;
    for (uint32_t i = 0; i < mutations; i++) {
        runs += run_damaged(blob, bytes, seed + i);
    }
#else
    compare_runs(blob, bytes, pictures, picture_bytes, runs);
#endif
    printf("runs %lu meetings %lu changes %lu\n", runs, meetings, changes);
    return 0;
}
