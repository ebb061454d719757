"""A labelled set of made-up people, told twice, and what the index makes of it."""
