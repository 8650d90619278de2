"""Disc drives: what lies in one, burning an image, reading a disc back."""
