"""Imports of people and of past contacts."""
