"""Journeys over the real broker: the five services at one origin, walked as their users walk them."""
