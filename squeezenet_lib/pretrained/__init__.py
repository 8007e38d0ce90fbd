"""Weights that others have trained: fetched, and read as what they are."""
