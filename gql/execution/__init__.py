"""A fast path over graphql-core's executor. README.md explains it."""
