"""Frozen values and pure functions of the field, on numpy and shapely only.

Nothing here reads a file, starts a thread or knows Qt; every function may be called from any thread.
"""
