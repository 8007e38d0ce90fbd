"""A board, or the emulated one, over the serial link."""
