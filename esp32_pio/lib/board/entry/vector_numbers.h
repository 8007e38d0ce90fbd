/* Which exception vector was taken; for assembler and C. */
#ifndef VECTOR_NUMBERS_H
#define VECTOR_NUMBERS_H

#define VECTOR_EXCEPTION 1
#define VECTOR_DOUBLE    2
#define VECTOR_DEBUG     3
#define VECTOR_INTERRUPT 4
#define VECTOR_WINDOW    5

#endif
