"""Processes of a deployment: API, workers, migrations and repair."""
