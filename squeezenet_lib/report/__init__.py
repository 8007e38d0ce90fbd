"""The story told from metrics/."""
