"""Calls to addresses that others gave us."""
