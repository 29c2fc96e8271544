"""Where subscriptions get what they show: once for a whole process, however many subscribe.

==================  ================================================================
``hub``             what a subscription asks for, and who is there at the moment
``watch``           one order's recent events, shared by all who follow it
``tailing``         the first source: the record, read once a tick for all of them
``polling``         the second source: the orders' workflows, at an adaptive pace
``progress``        one order as it stands, told anew when anything of it changes
``feed``            the recent events of all orders, shared by all feeds
``interruption``    how a stream ends that is meant to be resumed
==================  ================================================================

Subscribers pull. Each has a place of its own and asks for what comes after it, so that a slow one
keeps nothing in memory and holds nobody back.
"""
