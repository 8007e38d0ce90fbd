/* The entry: ESP-IDF calls app_main() on a task of its own, whose stack and core sdkconfig.defaults choose. */
int main(void);
void app_main(void);

void app_main(void) {
    main(); /* of src/main.c; it does not return */
}
