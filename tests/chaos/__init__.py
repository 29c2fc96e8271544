"""A proof: orders keep their guarantees while every part of the stack is killed.

``python -m tests.chaos`` runs orders of all kinds on an embedded stack of its own. Two thirds of
all calls to the payment gateway and the carrier fail or hang. Meanwhile workers, API, Postgres and
Temporal are killed and restarted. At the end, the program compares orders, events, payments,
parcels and streams with what was requested.
"""
