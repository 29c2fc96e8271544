"""Measurements, each of the project beside something else in the same run."""
