"""Making disc sets: media, labels and the vault's journal brought together (docs/principles.md, "Discs")."""
