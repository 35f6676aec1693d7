"""The hall's file kept safe: a continuous copy on a second disk, nightly backups, a watched log."""
