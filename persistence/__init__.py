"""The order's record in Postgres: what the workflow decided, kept for reading."""
