"""What a service asks of Python's garbage collector."""

from __future__ import annotations

import gc

_THRESHOLDS = (10_000, 2, 4)
"""Objects, then collections: multiplied, about what the stock ones are, so that cycles that live a
little longer are found as soon as before."""


def spare_collections() -> None:
    """Have the collector look at less, and less often. To be called once a service is set up.

    It never again looks at what is there by then. And a page of 100 orders makes some ten thousand
    objects, an order's step in a worker some thousands, of which nearly all go by themselves: by
    the stock threshold it looks at them twenty times a page.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
