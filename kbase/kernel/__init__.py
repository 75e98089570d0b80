"""Knowledge of the kernel itself: lock names and how cells are read, exact names, successors, C declarations."""
