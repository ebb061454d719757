"""What others made and we only run: validators, stock clients, browsers."""
