"""`python -m ops.cli` is `strongroom`."""

from ops.cli import main

main()
