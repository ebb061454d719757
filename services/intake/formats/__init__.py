"""What intake reads from others and writes for them."""
