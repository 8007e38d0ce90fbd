"""From raw files to finished arrays."""
