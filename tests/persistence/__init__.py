"""Tests of the record against a real Postgres. Each test uses its own IDs and leaves its rows."""
