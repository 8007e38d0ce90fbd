"""The .sqz file: its values, its bytes, and running it on this machine."""
