"""The columnar copy of an archive in the user's cache directory: made once, brought up to date file by file."""
