"""Disc sets: what they are, what may happen to them, what is demanded, where they lie."""
