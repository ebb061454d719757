"""The bus: a port and its adapter for Kafka."""
