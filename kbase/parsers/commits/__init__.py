"""The parser of commits: cgit pages, the output of git, and patches in mails."""
