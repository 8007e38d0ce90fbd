/*
 * sqz_decode_pairs (filter_decode.h) for RISC-V. The C in pair_decode.c says what it does.
 *
 * In assembler so that the stream's state stays in registers: 37 instructions for a pair of weights, 2 more for a
 * negative one, 7 for each 16 bits of code, 15 or more where the code word is longer than the lookup's, and 30 for each
 * chunk.
 */
#include "assembler.h"

#if SQZ_RISCV

#include "stream_riscv.inc"

#define PAIR_LOW_BITS 5 /* HUFFMAN_PAIR_LOW_BITS, of each weight */

/*
 * a6: the largest input of the next weight    s1: its tap, a7: end of these    s0: the chunk's header, s3: no header
 * here or below    s4: budget left in the chunk    s5: its negative weights x largest inputs, s6: those of all chunks
 * before    s7: the chunk's first tap    s8: where the sum of all negative ones goes    s9: list of the chunks
 */

/* Of the chunk before the tap at s1; the next one's place. */
    .macro write_header
    sub     t0, s1, s7
    srli    t0, t0, 2
    sh      t0, 0(s0)
    sh      s5, 2(s0)
    add     s6, s6, s5
    addi    s0, s0, -4
    .endm

/* What weight \weight can add, \product. */
    .macro count_weight product, label
    bltz    \product, .L\label\()_minus
    sub     s4, s4, \product
.L\label:
    .endm

    .macro count_minus product, label
.L\label\()_minus:
    add     s4, s4, \product
    sub     s5, s5, \product
    j       .L\label
    .endm

    .section .text.sqz_decode_pairs, "ax", @progbits
    .align  2
    .global sqz_decode_pairs
    .type   sqz_decode_pairs, @function
sqz_decode_pairs: /* a0: stream, a1: taps, a2: limit, a3: negative */
    enter_stream
    mv      a6, a1
    mv      s8, a3
    slli    s9, a2, 2
    add     s9, s9, a1
    addi    s9, s9, -4
    addi    s0, s9, -4
    li      s4, LANE_BUDGET
    li      s5, 0
    li      s6, 0
    load_window
    lw      s1, STREAM_INPUTS(s2)
    lw      a7, STREAM_WEIGHTS(s2)
    mv      s7, s1
    addi    s3, a7, 3
    andi    s3, s3, -4
    add     s3, s3, a6
    slli    a7, a7, 2
    add     a7, a7, s1
    bgeu    s1, a7, .Ldone

.Lpair:
    refill  low_filled
    srli    t6, a1, 32 - 2 * PAIR_LOW_BITS
    slli    a1, a1, 2 * PAIR_LOW_BITS
    addi    a2, a2, -2 * PAIR_LOW_BITS
    refill  filled
    look_up lh
    andi    t2, t1, 31
    beqz    t2, .Llong
.Lknown:
    addi    t2, t2, -2 * PAIR_LOW_BITS
    sll     a1, a1, t2
    sub     a2, a2, t2
    srai    t5, t1, 13 - PAIR_LOW_BITS
    andi    t5, t5, -(1 << PAIR_LOW_BITS)
    srli    t3, t6, PAIR_LOW_BITS
    or      t5, t5, t3 /* the first weight */
    slli    t1, t1, 19
    srai    t1, t1, 29 - PAIR_LOW_BITS
    andi    t1, t1, -(1 << PAIR_LOW_BITS)
    andi    t6, t6, (1 << PAIR_LOW_BITS) - 1
    or      t6, t6, t1 /* the second */
    lbu     t3, 0(a6)
    lbu     t4, 1(a6)
    sh      t5, 2(s1)
    sh      t6, 6(s1)
    mul     t3, t3, t5
    mul     t4, t4, t6
    count_weight t3, first
    count_weight t4, second
    bltz    s4, .Lnew_chunk
.Lin_chunk:
    addi    a6, a6, 2
    addi    s1, s1, 8
    bltu    s1, a7, .Lpair

.Ldone:
    addi    t0, a2, 16
    bltz    t0, .Lrefused
    save_window
    write_header
    sw      zero, 0(s0)
    lw      t0, STREAM_INPUTS(s2)
    sub     t0, t0, s9
    srai    t0, t0, 2
    sw      t0, 0(s9)
    sw      s6, 0(s8)
    li      a0, 0
.Lreturn:
    leave_stream
.Lrefused:
    li      a0, SQZ_ERR_CODE
    j       .Lreturn

    count_minus t3, first
    count_minus t4, second
    code_ends low_filled
    code_ends filled

.Llong:
    srli    t2, t1, 5
    andi    t2, t2, 15
    look_up_long lh
    andi    t2, t1, 31
    j       .Lknown

.Lnew_chunk: /* the old one ends before the pair; t3, t4: what its weights can add */
    li      s4, LANE_BUDGET
    li      t5, 0
    .irp    product, t3, t4
    srai    t0, \product, 31
    and     t1, \product, t0
    add     s5, s5, t1
    sub     t5, t5, t1
    xor     \product, \product, t0
    sub     \product, \product, t0
    sub     s4, s4, \product
    .endr
    write_header
    mv      s5, t5
    mv      s7, s1
    bgeu    s3, s0, .Lrefused
    j       .Lin_chunk
    .size   sqz_decode_pairs, . - sqz_decode_pairs

#endif
