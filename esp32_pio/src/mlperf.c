/* MLPerf Tiny's device under test, so that its runner can drive the chip; the commands and answers are those of
   mlcommons/tiny, benchmark/api/internally_implemented.cpp. Each answer ends with m-ready. */
#include <string.h>

#include "application.h"

enum { INFERENCES_MOST = 10000, DEFAULT_WARM_UPS = 10, SCORE_STEP = 390625 /* 1/256 in units of 1e-8 */ };

typedef struct {
    uint8_t *picture; /* spare memory; NULL: none was announced */
    uint32_t bytes, held;
    uint32_t generation; /* of the application when it was announced: later the memory may be another's */
} buffer;

static void say(const char *text) {
    print(&board_console, text);
    print(&board_console, "\r\n");
}

static void say_number(const char *before, uint32_t value, const char *after) {
    print(&board_console, before);
    print_unsigned(&board_console, value);
    say(after);
}

/* The next word of *rest, which moves on behind it; "" at the end. */
static char *next_word(char **rest) {
    char *word = *rest;
    while (*word == ' ') {
        word++;
    }
    char *end = word;
    while (*end != ' ' && *end != '\0') {
        end++;
    }
    *rest = *end == '\0' ? end : end + 1;
    *end = '\0';
    return word;
}

/* A number of at most 6 digits; `otherwise` where there is no word, UINT32_MAX where it is no number. */
static uint32_t next_number(char **rest, uint32_t otherwise) {
    const char *word = next_word(rest);
    uint32_t value = 0, digits = 0;
    for (; word[digits] != '\0'; digits++) {
        if (word[digits] < '0' || word[digits] > '9' || digits == 6) {
            return UINT32_MAX;
        }
        value = value * 10 + (uint32_t)(word[digits] - '0');
    }
    return digits == 0 ? otherwise : value;
}

static int32_t hex_digit(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* The benchmark's own models by the shape of their input; its runner chooses the data by this name. */
static const char *model_name(const sqz_model *model) {
    const bool square = model->height == model->width, colour = square && model->channels == 3;
    return colour && model->height == 32 && model->classes == 10  ? "ic01"
           : colour && model->height == 96 && model->classes == 2 ? "vww01"
                                                                  : "squeezenet";
}

static void load(const application *app, buffer *held, uint32_t bytes) {
    held->picture = spare_memory(app, bytes);
    held->bytes = bytes;
    held->held = 0;
    held->generation = app->generation;
    if (bytes != app->model.picture_bytes || bytes == 0) {
        held->picture = NULL;
        say_number("e-[The picture has ", app->model.picture_bytes, " bytes]");
    } else if (held->picture == NULL) {
        say("e-[No memory for the picture]");
    } else {
        say_number("m-[Expecting ", bytes, " bytes]");
    }
}

static bool complete(const application *app, const buffer *held) {
    return held->picture != NULL && held->generation == app->generation && held->held == held->bytes;
}

static void take_hex(const application *app, buffer *held, const char *digits) {
    if (held->picture == NULL || held->generation != app->generation || held->held == held->bytes) {
        say("e-[db load first]");
        return;
    }
    for (; *digits != '\0' && held->held < held->bytes; digits += 2) {
        const int32_t high = hex_digit(digits[0]), low = high < 0 ? -1 : hex_digit(digits[1]);
        if (low < 0) {
            say("e-[Invalid hex digits]");
            return;
        }
        held->picture[held->held++] = (uint8_t)(high << 4 | low);
    }
    if (held->held == held->bytes) {
        say("m-load-done");
    }
}

static void db(const application *app, buffer *held, char *rest) {
    const char *word = next_word(&rest);
    if (strcmp(word, "load") == 0) {
        load(app, held, next_number(&rest, 0));
    } else {
        take_hex(app, held, word);
    }
}

static void print_probability(int8_t score) {
    char text[] = "0.00000000";
    uint32_t fraction = (uint32_t)(score + 128) * SCORE_STEP;
    for (uint32_t digit = sizeof text - 2; digit >= 2; digit--, fraction /= 10) {
        text[digit] = (char)('0' + fraction % 10);
    }
    print(&board_console, text);
}

/* The runner takes the probabilities for its accuracy; of logits, whose scale nobody here knows, the int8 will do. */
static void print_results(const application *app) {
    const int8_t *scores = (const int8_t *)app->memory + app->model.scores_offset;
    print(&board_console, "m-results-[");
    if (app->model.probabilities) {
        for (uint16_t i = 0; i < app->model.classes; i++) {
            print(&board_console, i == 0 ? "" : ",");
            print_probability(scores[i]);
        }
    } else {
        print_scores(&board_console, scores, app->model.classes);
    }
    say("]");
}

static bool repeat(const application *app, const buffer *held, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        classification result;
        receive_picture(app, held->picture);
        const sqz_status status = classify(app, &result);
        elapsed_us(app);
        if (status != SQZ_OK) {
            print(&board_console, "e-[");
            print(&board_console, sqz_status_text(status));
            say("]");
            return false;
        }
    }
    return true;
}

static void infer(const application *app, const buffer *held, char *rest) {
    const uint32_t count = next_number(&rest, 1), warm_ups = next_number(&rest, DEFAULT_WARM_UPS);
    if (count == 0 || count > INFERENCES_MOST || warm_ups > INFERENCES_MOST) {
        say("e-[Inference iterations must be 1 to 10000]");
        return;
    }
    if (!complete(app, held)) {
        say("e-[db load first]");
        return;
    }
    say_number("m-warmup-start-", warm_ups, "");
    if (!repeat(app, held, warm_ups)) {
        return;
    }
    say("m-warmup-done");
    say_number("m-infer-start-", count, "");
    say_number("m-lap-us-", elapsed_us(app), "");
    if (repeat(app, held, count)) {
        say_number("m-lap-us-", elapsed_us(app), "");
        say("m-infer-done");
        print_results(app);
    }
}

static void run(application *app, char *line) {
    static buffer held;
    char *rest = line;
    const char *word = next_word(&rest);
    if (strcmp(word, "name") == 0) {
        say("m-name-dut-[squeezenet-esp32]");
    } else if (strcmp(word, "profile") == 0) {
        say("m-profile-[ULPMark for tinyML Firmware V0.0.1]");
        print(&board_console, "m-model-[");
        print(&board_console, model_name(&app->model));
        say("]");
    } else if (strcmp(word, "timestamp") == 0) {
        say_number("m-lap-us-", elapsed_us(app), "");
    } else if (app->safe || !usable(app)) {
        print(&board_console, "e-[");
        print(&board_console, reason_text(app->safe ? LINK_SAFE : LINK_NO_MODEL));
        say("]");
    } else if (strcmp(word, "db") == 0) {
        db(app, &held, rest);
    } else if (strcmp(word, "infer") == 0) {
        infer(app, &held, rest);
    } else if (strcmp(word, "results") == 0 && complete(app, &held)) {
        if (repeat(app, &held, 1)) { /* somebody else's picture may have been classified since */
            print_results(app);
        }
    } else {
        print(&board_console, "e-[Unknown command: ");
        print(&board_console, word);
        say("]");
    }
}

void answer_line(application *app, char *line) {
    run(app, line);
    say("m-ready");
}
