/* A function that runs once for a model or a layer, or whose time does not count beside the convolutions': it had
 * better be small than fast. */
#ifndef SQZ_ONCE_H
#define SQZ_ONCE_H

#define SQZ_ONCE __attribute__((cold))

#endif
