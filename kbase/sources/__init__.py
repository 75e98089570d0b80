"""Reads sources into raw documents: kernel trees, archives, git repositories, files and addresses."""
