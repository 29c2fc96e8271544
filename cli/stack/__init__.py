"""The embedded stack: Postgres, Temporal, workers and API as children of one process."""
