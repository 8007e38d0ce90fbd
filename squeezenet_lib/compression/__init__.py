"""Pruning, weight sharing and quantization, and the scan that chooses how much of it each layer bears."""
