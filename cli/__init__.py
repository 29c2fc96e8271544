"""The ``orders`` command. It composes the other packages into processes."""
