"""Worklists, claims, calendar feeds and reminders."""
