/* Takes the place of the application in tests of display and button: one screen, then another while the button is
   held. */
#include <stddef.h>

#include "board.h"
#include "print.h"
#include "screen.h"

int main(void) {
    const board_report *board = board_init();
    print(&console, "started");
    print_field(&console, "boot", board->failed_step == NULL ? "ok" : board->failed_step);
    print_field(&console, "display", board->display == NULL ? "none" : board->display);
    print(&console, "\n");
    screen_result("rather defective", 987, 41234);
    print(&console, "shown first\n");
    while (!board_button()) {
    }
    screen_message("pressed", "the button on GPIO0");
    print(&console, "shown second\n");
    while (board_button()) {
    }
    print(&console, "released\n");
    return 0;
}
