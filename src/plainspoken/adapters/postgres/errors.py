"""The one error of this package."""


class PostgresError(Exception):
    """One sentence: what is wrong with the database, and what to do about it."""
