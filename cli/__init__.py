"""The ``orders`` command, and the one place that puts the parts together."""
