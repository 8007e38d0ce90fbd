/* What the display shows: text in 8 rows of 25 characters, or of 12 characters of double size that take two rows.
   Printable ASCII; every other byte is shown as a box: class names have others for the display in the model's file.
   What does not fit is cut off. */
#ifndef SCREEN_H
#define SCREEN_H

#include <stdbool.h>
#include <stdint.h>

enum { SCREEN_ROWS = 8, SCREEN_COLUMNS = 25, SCREEN_LARGE_COLUMNS = 12 };

/* These change the picture in memory; screen_show() sends it. */
void screen_clear(void);
void screen_text(uint32_t row, uint32_t column, const char *text);
void screen_large(uint32_t row, const char *text);
void screen_show(void);

/* Whole screens, shown at once. */

/* How high a class scores. */
typedef struct {
    bool probability;
    int32_t value; /* a probability in per mille, else a score */
} screen_score;

/* A line `step ... ok`, or `FAILED`, below the lines of the calls before; at the bottom they move up. */
void screen_boot(const char *step, bool ok);
/* The name in double size where two lines hold its words, else in small. */
void screen_result(const char *class_name, screen_score score, uint32_t microseconds);
/* The same of a picture that the camera took: what taking it and making it a network input took, too. */
void screen_photograph(const char *class_name, screen_score score, uint32_t capture_us, uint32_t prepare_us,
    uint32_t microseconds);
/* line1 as a class's name, line2 in small. */
void screen_message(const char *line1, const char *line2);

#endif
