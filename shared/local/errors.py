"""Why the local PostgreSQL or the local Kafka could not start, in one sentence for the person at the keyboard."""


class LocalStartError(Exception):
    """Something local could not start; the message says what, and what to do."""
