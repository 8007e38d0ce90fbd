"""The one exception for everything that a user can put right."""


class UserError(Exception):
    """A failure whose cause lies outside the program.

    The message is one clear sentence: what is wrong, where, and what to do. Stages print it and exit with 1.
    """
