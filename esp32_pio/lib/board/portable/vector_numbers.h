/* Which exception vector was taken, or what else ended the run; for assembler and C. */
#ifndef VECTOR_NUMBERS_H
#define VECTOR_NUMBERS_H

#define VECTOR_UNKNOWN   0 /* it left no record */
#define VECTOR_EXCEPTION 1
#define VECTOR_DOUBLE    2
#define VECTOR_DEBUG     3
#define VECTOR_INTERRUPT 4
#define VECTOR_WINDOW    5
#define VECTOR_WATCHDOG  6
#define VECTOR_ABORT     7 /* abort(), a failed assert() */
#define VECTOR_STACK     8 /* a RISC-V core: a store below the stack */
#define VECTOR_SILENT    9 /* no crash: the second core did not answer the first */

#endif
