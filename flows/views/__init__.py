"""From data to HTML, escaped, without scripts or network: what gate pages, pull requests and notebooks show alike."""
