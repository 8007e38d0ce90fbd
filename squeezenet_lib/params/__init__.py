"""A typed, checked view of params.yaml."""
