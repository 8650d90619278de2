"""What is kept, why and for how long. Knows no kind of store, no screen and no printer.

The way in: ports.py (what stores must do), store.py (the vault that uses them), acts/ (what can happen).
"""
