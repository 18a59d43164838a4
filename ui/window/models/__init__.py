"""Item models over lazily read rows."""
