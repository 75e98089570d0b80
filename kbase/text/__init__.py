"""From bytes to numbered lines: decoding, and saved pages, mails and copies turned back into the document's lines."""
