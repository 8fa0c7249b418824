"""What nothing uses: imports, local variables, private definitions; shared by the recipes that remove code."""
