"""The record on a real Postgres. Every test has ids of its own, and cleans up nothing."""
