"""What changed between two versions: typed changes, pure, without rendering. And the histories of ops and locks."""
