"""The database: all SQL lives here and in `migrations/`. One module of queries a noun; each function is work inside one transaction."""

from sqlalchemy import Connection

__all__ = ["Connection"]
