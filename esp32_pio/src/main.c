/* The firmware's main(): board, boot, report, then requests for ever. */
#include "application.h"

int main(void) {
    static application app;
    app.board = board_init();
    app.memory = board_memory(&app.memory_bytes);
    app.baud = board_default_baud();
    app.camera = board_default_camera();
    app.safe = app.board->crashed;
    if (!app.safe) {
        boot(&app);
    }
    print(&board_console, "squeezenet-esp32\n");
    report(&app, &board_console);
    serve(&app);
}
