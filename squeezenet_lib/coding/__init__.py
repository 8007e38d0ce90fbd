"""Weights to bits: alphabets, Huffman codes, bounds."""
