"""Merges, their undoing, pairs known apart and possible duplicates."""
