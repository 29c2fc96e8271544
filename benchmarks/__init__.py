"""Benchmarks that compare the project with a reference in the same run."""
