/* The two functions of ram_access.h, which a test in Python sets. */
#include "ram_access.h"

uint32_t (*model_read)(const uint32_t *word);
void (*model_write)(uint32_t *word, uint32_t value);
