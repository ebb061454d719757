"""The people of the index: what is kept of them, who stands by them, and what a returning caller's nurse sees."""
