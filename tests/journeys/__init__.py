"""Journeys: people use the running system in a real browser, from arrival to erasure."""
