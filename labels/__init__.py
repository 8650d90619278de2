"""What is printed: labels of discs, inlays, slips for case files, registers."""
