"""What a subject is owed: a copy of all that is kept of them (GDPR art. 15 and 20)."""
