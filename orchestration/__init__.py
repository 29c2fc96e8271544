"""Temporal workflows, activities and workers for orders, and the domain they implement."""
