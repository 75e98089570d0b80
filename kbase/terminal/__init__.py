"""The pages of `kbase.pages` and the results of search, diff, history and check as text for a terminal or a pipe."""
