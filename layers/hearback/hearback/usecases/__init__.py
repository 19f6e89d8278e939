"""One verb a file: what the system does, told in ports."""
