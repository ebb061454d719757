"""The published contracts, and everybody's reading of them."""
