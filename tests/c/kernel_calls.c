/* Takes the place of the application in tests of RISC-V's kernels: calls one after the other, as its input says,
   and looks whether they keep the registers that they have to.

   Input, u32 little endian: kernel | words, taps and sums: how many of each | six numbers | the words | the taps |
   the sums; any number of times. Output: 0 when all registers were kept | the sums; before all, "calls\n". */
#include "board.h"
#include "requantize.h"
#include "tap_lists.h"

enum { PATIENCE_MS = 10000, MOST_WORDS = 8192 };
enum { PRODUCTS_2, PRODUCTS_4, LISTS_2, LISTS_4, REQUANTIZE };

typedef struct {
    uint32_t kernel, words, taps, sums, numbers[6];
} request;

/* Calls `function` with six arguments. Not 0: one of s0 to s11, sp, gp and tp is not what it was. */
uint32_t call_kernel(const void *function, const uint32_t arguments[6]);

__asm__(".macro each_saved do\n"
        ".irp i, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11\n"
        "\\do s\\i, \\i\n"
        ".endr\n"
        ".endm\n"
        ".macro save_it register, i\n"
        "sw \\register, 4 * \\i(sp)\n"
        ".endm\n"
        ".macro mark_it register, i\n"
        "li \\register, 0x5A5A1000 + 0x101 * \\i\n"
        ".endm\n"
        ".macro compare_it register, i\n"
        "li t0, 0x5A5A1000 + 0x101 * \\i\n"
        "xor t0, t0, \\register\n"
        "or a0, a0, t0\n"
        ".endm\n"
        ".macro restore_it register, i\n"
        "lw \\register, 4 * \\i(sp)\n"
        ".endm\n"
        ".lcomm kept_sp, 4\n"
        ".section .text.call_kernel, \"ax\", @progbits\n"
        ".align 2\n"
        ".global call_kernel\n"
        ".type call_kernel, @function\n"
        "call_kernel:\n"
        "addi sp, sp, -64\n"
        "each_saved save_it\n"
        "sw ra, 48(sp)\n"
        "sw gp, 52(sp)\n"
        "sw tp, 56(sp)\n"
        "lla t1, kept_sp\n"
        "sw sp, 0(t1)\n"
        "each_saved mark_it\n"
        "mv t0, a0\n"
        "lw a0, 0(a1)\n"
        "lw a2, 8(a1)\n"
        "lw a3, 12(a1)\n"
        "lw a4, 16(a1)\n"
        "lw a5, 20(a1)\n"
        "lw a1, 4(a1)\n"
        "jalr t0\n"
        "li a0, 0\n"
        "each_saved compare_it\n"
        "lla t1, kept_sp\n"
        "lw t1, 0(t1)\n"
        "xor t0, t1, sp\n"
        "or a0, a0, t0\n"
        "mv sp, t1\n"
        "lw t0, 52(sp)\n"
        "xor t0, t0, gp\n"
        "or a0, a0, t0\n"
        "lw t0, 56(sp)\n"
        "xor t0, t0, tp\n"
        "or a0, a0, t0\n"
        "each_saved restore_it\n"
        "lw ra, 48(sp)\n"
        "addi sp, sp, 64\n"
        "ret\n"
        ".size call_kernel, . - call_kernel\n"
        ".text\n");

static uint32_t *words, *taps, *sums; /* MOST_WORDS each */

static void read_words(void *to, uint32_t count) {
    uint8_t *bytes = to;
    for (uint32_t held = 0, got; held < 4u * count; held += got) {
        got = board_read(bytes + held, 4u * count - held, PATIENCE_MS);
        if (got == 0) {
            board_halt();
        }
    }
}

/* Numbers: words of the sweep, strides, base, the sweep's first word. */
static uint32_t call_sum(const request *r) {
    static sum_kernel *const kernels[] = {
        sqz_sum_products_2, sqz_sum_products_4, sqz_sum_lists_2, sqz_sum_lists_4};
    const tap_sweep sweep = {words + r->numbers[4], r->numbers[0], sums, r->numbers[1], r->numbers[2]};
    const bool lists = r->kernel == LISTS_2 || r->kernel == LISTS_4;
    const uint32_t *given = lists ? taps : taps + r->taps - 1; /* a list of chunks is read downward */
    const uint32_t arguments[6] = {(uint32_t)&sweep, (uint32_t)given, r->numbers[3]};
    return call_kernel((const void *)kernels[r->kernel], arguments);
}

/* Marks are numbers of taps until here. Numbers[5]: chunks. */
static void place_marks(uint32_t chunks) {
    tap_lists *lists = (tap_lists *)taps;
    for (uint32_t k = 0; k <= chunks; k++) {
        for (uint32_t l = FIRST_TAP_LIST; l < TAP_LISTS; l++) {
            lists->marks[k][l] = (uint32_t)((const uint16_t *)taps + lists->marks[k][l]);
        }
    }
}

/* Numbers: width, rows, pitch. Taps: multiplier, shift, zero point, clamps. Bytes are written over the sums. */
static uint32_t call_requantize(const request *r) {
    requantizer made;
    sqz_make_requantizer(
        &made, (int32_t)taps[0], (int32_t)taps[1], (uint8_t)taps[2], (uint8_t)taps[3], (uint8_t)taps[4]);
    const uint32_t arguments[6] = {
        (uint32_t)&made, (uint32_t)sums, (uint32_t)sums, r->numbers[0], r->numbers[1], r->numbers[2]};
    return call_kernel((const void *)sqz_requantize_rows, arguments);
}

int main(void) {
    uint32_t bytes;
    board_init();
    words = (uint32_t *)board_memory(&bytes);
    taps = words + MOST_WORDS;
    sums = taps + MOST_WORDS;
    board_write((const uint8_t *)"calls\n", 6);
    for (;;) {
        request r;
        read_words(&r, sizeof r / sizeof(uint32_t));
        if (r.words > MOST_WORDS || r.taps > MOST_WORDS || r.sums > MOST_WORDS || r.kernel > REQUANTIZE) {
            board_halt();
        }
        read_words(words, r.words);
        read_words(taps, r.taps);
        read_words(sums, r.sums);
        if (r.kernel == LISTS_2 || r.kernel == LISTS_4) {
            place_marks(r.numbers[5]);
        }
        const uint32_t changed = r.kernel == REQUANTIZE ? call_requantize(&r) : call_sum(&r);
        board_write((const uint8_t *)&changed, sizeof changed);
        board_write((const uint8_t *)sums, 4u * r.sums);
    }
}
