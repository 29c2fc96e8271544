"""What a service asks of Python's garbage collector."""

from __future__ import annotations

import gc

_THRESHOLDS = (10_000, 0, 3)
"""Objects, then collections. With these all generations have been looked at after 90,000 objects,
as with the stock (700, 10, 10): cycles that live a little longer are found as soon."""


def spare_collections() -> None:
    """Have the collector look at less, and less often. To be called once a service is set up.

    It never again looks at what is there by then. And a page of 100 orders makes some ten thousand
    objects, an order's step in a worker some thousands, of which nearly all go by themselves: by
    the stock thresholds it looks at them a dozen times a page.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
