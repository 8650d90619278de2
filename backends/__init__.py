"""Stores: each a small file behind the one port in vault/ports.py, listed in the table in registry.py."""
