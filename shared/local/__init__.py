"""Parts for a laptop and for tests: PostgreSQL, Kafka and an issuer of our own. They are not in the images."""
