"""Discs: what goes on one, its image, and reading the image back."""
