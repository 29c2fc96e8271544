"""The record in Postgres: customers, and the orders, events and payments of all workflows."""
