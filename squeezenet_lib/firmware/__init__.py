"""PlatformIO builds of esp32_pio, and writing them to a board."""
