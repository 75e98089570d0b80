"""From bytes to numbered lines: decoding, and saved pages, mails and copies become the lines of the document."""
