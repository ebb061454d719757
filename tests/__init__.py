"""Tests: per service with a real database, journeys and faults over a real broker."""
