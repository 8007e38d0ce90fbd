"""The one exception of the builder for everything that a user can put right."""


class BuildError(Exception):
    """One clear sentence: what is wrong, where, and what to do. The build prints it and fails."""
