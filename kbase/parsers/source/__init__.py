"""A user's own C code: the initializers of ops tables, the functions in them, and the functions that it calls."""
