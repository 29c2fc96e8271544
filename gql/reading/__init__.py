"""Reads orders, customers, events and executions. ``types`` wraps what it returns."""
