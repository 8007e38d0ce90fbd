#include "application.h"
#include "screen.h"

int main(void) {
    static application app;
    app.board = board_init();
    app.memory = board_memory(&app.memory_bytes);
    app.baud = board_default_baud();
    app.safe = app.board->crashed;
    if (app.safe) {
        screen_message("crashed", board_crash_name(&app.board->crash));
    } else {
        boot(&app);
    }
    print(&console, "squeezenet-esp32\n");
    report(&app, &console);
    serve(&app);
}
