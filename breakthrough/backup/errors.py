class BackupError(Exception):
    """Says in one line what is wrong and what to do about it."""
