"""Where untrusted commands run: providers, environments, test runs. Knows no Prefect."""
