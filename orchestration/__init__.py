"""The order's life as Temporal workflows, and the domain they tell it in."""
