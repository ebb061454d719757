"""Intake: the contacts of the line, and the person index, the one place where an identity lives."""
