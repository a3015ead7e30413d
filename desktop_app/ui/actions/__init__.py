"""Everything the user can do, as one table of data and the functions behind it."""
