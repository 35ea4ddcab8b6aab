"""Backups: all that a store holds as a folder of plain data, taken, checked, and put into an empty store."""
