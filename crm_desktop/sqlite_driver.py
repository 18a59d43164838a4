"""SQLite's driver as laptop and server use it: sqlcipher3, with two defaults that cost more than the work itself."""

from sqlcipher3 import dbapi2 as dbapi2

# The driver asks each value that is neither number nor text how it wants to be stored, None too: two lookups that fail,
# 1.7 us a value. With an adapter written in C that returns None it is 0.3 us; a first sync binds two for each row.
dbapi2.register_adapter(type(None), {}.get)

# Where its cache of compiled statements is full, the driver throws out those used least often, and so each new one: all
# that came late are compiled again at each use. No program of ours has as many texts of SQL.
CACHED_STATEMENTS = 2048
