"""What a person sees in the browser: whole pages, made of strings, without scripts and without requests to anywhere."""
