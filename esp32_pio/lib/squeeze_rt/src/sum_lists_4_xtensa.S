/*
 * sqz_sum_lists_4 (tap_lists.h), four lanes of 8 bits: the sums of whole words 0..3 are in a8..a11, those of their odd
 * bytes in a12..a15, the words at a2; of a word alone they are in a11 and a15.
 */
#if defined(__XTENSA__)

#include "sum_lists_xtensa.inc"

#define AT_PAIR       AT_HALF
#define AT_PAIRS_END  AT_HEADER
#define AT_PAIR_MARKS AT_RETURN /* until the sums are made */

    .macro add_four load, offset, operation, all, odd /* a0: mask of the odd bytes, shifted down */
    \load   a6, a5, \offset
    srli    a7, a6, 8
    and     a7, a7, a0
    \operation \all, a6
    \operation \odd, a7
    .endm

    .macro list_of_words number, operation
    l32i    a4, sp, AT_PAIR_MARKS
    list_begin a4, \number, .Lwords\@
    add_four l32i.n, 0, \operation, a8, a12
    add_four l32i.n, 4, \operation, a9, a13
    add_four l32i, 8, \operation, a10, a14
    add_four l32i, 12, \operation, a11, a15
    list_next .Lwords\@
    .endm

    .macro list_of_one number, operation
    l32i    a4, sp, AT_PAIR_MARKS
    list_begin a4, \number, .Lone\@
    add_four l32i.n, 0, \operation, a11, a15
    list_next .Lone\@
    .endm

/* The pair at a4: leaves its multiplier in a6. */
    .macro next_pair
    l32i.n  a5, sp, AT_MARKS
    l32i.n  a7, a4, 4
    l32i.n  a6, a4, 0
    add.n   a5, a5, a7
    addi    a4, a4, 8
    s32i    a5, sp, AT_PAIR_MARKS
    s32i    a4, sp, AT_PAIR
    .endm

    .macro pair_done loop
    l32i    a4, sp, AT_PAIR
    l32i    a5, sp, AT_PAIRS_END
    bgeu    a4, a5, \loop\()_last
    j       \loop
\loop\()_last:
    l32i.n  a5, sp, AT_ALONE
    slli    a4, a5, 8
    add.n   a4, a4, a5
    .endm

    list_pairs
    .section .text.sqz_sum_lists_4, "ax", @progbits
    .literal_position
    .literal .Lpairs_at, .Lpairs
    .literal .Lodd_bytes, 0x00FF00FF
    .begin  no-transform
    .align  4
    .global sqz_sum_lists_4
    .type   sqz_sum_lists_4, @function
sqz_sum_lists_4:
    enter_lists
.Lchunk:
    start_lists
    j       .Lnext
.Lblock:
    movi    a8, 0 /* not all are short, for where loops begin */
    movi    a9, 0
    movi.n  a10, 0
    movi.n  a12, 0
    movi.n  a13, 0
    movi.n  a14, 0
.Lpair:
    next_pair
    mull    a8, a8, a6
    mull    a9, a9, a6
    mull    a10, a10, a6
    mull    a11, a11, a6
    mull    a12, a12, a6
    mull    a13, a13, a6
    mull    a14, a14, a6
    mull    a15, a15, a6
    list_of_words 0, plus
    list_of_words 1, minus
    pair_done .Lpair
    add     a8, a8, a4
    add     a9, a9, a4
    add     a10, a10, a4
    add.n   a11, a11, a4
    add.n   a12, a12, a5
    add.n   a13, a13, a5
    add.n   a14, a14, a5
    add.n   a15, a15, a5
    call0   sqz_write_bytes_4
    l32i    a2, sp, AT_BLOCK
    l32i    a6, sp, AT_STOP
    addi    a2, a2, 16
    bgeu    a2, a6, .Ldone
.Lnext:
    s32i    a2, sp, AT_BLOCK
    pairs_of a4, a5, a7
    l32r    a0, .Lodd_bytes
    s32i    a5, sp, AT_PAIRS_END
    addi    a5, a2, 4
    movi.n  a11, 0
    movi.n  a15, 0
    bgeu    a5, a6, .Lword
    j       .Lblock
.Ldone:
    next_lists .Lchunk

.Lword: /* one is left */
    next_pair
    mull    a11, a11, a6
    mull    a15, a15, a6
    list_of_one 0, plus
    list_of_one 1, minus
    pair_done .Lword
    add.n   a11, a11, a4
    add.n   a15, a15, a5
    call0   sqz_write_bytes_1
    j       .Ldone
    .end    no-transform
    .size   sqz_sum_lists_4, . - sqz_sum_lists_4

#endif
