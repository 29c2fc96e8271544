"""The GraphQL API: one honest answer made of the record's rows and Temporal's workflows."""
