"""Sources of subscriptions, shared by all subscribers of a process.

=============  ======================================================================
``hub``        starts streams for subscriptions, and counts their subscribers
``watch``      the recent events of one order, shared by all its subscribers
``tailing``    the first source: new events in Postgres, read by one loop
``polling``    the second source: the workflows, queried at adaptive intervals
``progress``   the merged order, read once per change for all its subscribers
``feed``       the recent events of all orders, shared by all feeds
``broadcast``  wakes every task that waits for a change
``errors``     why a stream does not start, or ends before its order
=============  ======================================================================

Subscribers pull: each keeps its own position and asks for the events after it. A slow subscriber
therefore uses no memory and delays nobody else.
"""
