"""Faults on the real broker and the real database: bounded, seeded, and each ends with the invariant checker."""
