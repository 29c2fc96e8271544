"""The transport: HTTP, server-sent events and WebSockets around the schema."""
