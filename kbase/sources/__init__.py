"""From what the user named to raw documents: kernel trees, archives, git repositories, files and addresses."""
