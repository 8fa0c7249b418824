"""Scripts that run beside the untrusted code, each alone: standard library only, any Python from 3.8 on."""
