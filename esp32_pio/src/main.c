#include "application.h"

int main(void) {
    static application app;
    app.board = board_init();
    app.arena = board_arena(&app.arena_bytes);
    const board_file model = board_model();
    app.status = sqz_open(&app.model, model.start, model.bytes);

    print_banner(&app);
    print_info(&app);
    if (app.status == SQZ_OK) {
        run_selftest(&app);
    }
    serve(&app);
}
