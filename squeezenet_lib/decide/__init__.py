"""How scores become an answer: thresholds, and what they cost."""
