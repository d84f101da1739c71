"""Images and their labels: phantoms, films, and the rules that read a label."""
