"""Clients for front ends, run in Node: Apollo Client, urql, Relay's compiler, code generation."""
