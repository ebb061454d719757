"""Referrals: what hospitals send, its state shared with the sender, and the organisations of the network."""
