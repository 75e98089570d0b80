"""The commands of `kbase`, one a module, imported when they are run."""
