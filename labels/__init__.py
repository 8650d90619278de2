"""What is printed: labels of discs."""
