/* A function that runs once for a model, or once for a picture and shortly: it had better be small than fast. */
#ifndef SQZ_ONCE_H
#define SQZ_ONCE_H

#define SQZ_ONCE __attribute__((cold))

#endif
