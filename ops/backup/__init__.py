"""What no store has: the journal's key, strongroom.toml and the files that it names. Saved, and brought back."""
