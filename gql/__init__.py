"""The GraphQL API. It merges an order's row in Postgres and its workflow into one answer."""
