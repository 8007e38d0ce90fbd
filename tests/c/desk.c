/* Takes the place of the application in tests of display, button and restart: one screen, then another while the
   button is held, then a restart as after a crash. */
#include <stddef.h>

#include "board.h"
#include "print.h"
#include "screen.h"

int main(void) {
    const board_report *board = board_init();
    print(&board_console, "started");
    print_field(&board_console, "boot", board->failed_step == NULL ? "ok" : board->failed_step);
    print_field(&board_console, "display", board->display == NULL ? "none" : board->display);
    print_field(&board_console, "reset", board->reset_cause);
    print_field(&board_console, "crash", board->crashed ? board_crash_name(&board->crash) : "none");
    print(&board_console, "\n");
    screen_result("rather defective", (screen_score){true, 987}, 41234);
    print(&board_console, "shown first\n");
    while (!board_button()) {
    }
    screen_message("pressed", "the button on GPIO0");
    print(&board_console, "shown second\n");
    while (board_button()) {
    }
    print(&board_console, "released\n");
    const board_crash crash = {.vector = 1, .cause = 9, .pc = 0x40081234, .address = 0x3FFB0001};
    board_restart_after(&crash);
}
