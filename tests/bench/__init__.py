"""Throughput and latency on this machine, each beside a floor from the same run: `make bench`."""
