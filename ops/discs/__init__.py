"""Making disc sets: media, labels and the vault's journal brought together (docs/decisions/0032-runs-of-discs.md)."""
