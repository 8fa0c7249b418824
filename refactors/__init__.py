"""What changes: recipes, analysis, plans, patches. Pure: knows no Prefect, Docker or forge."""
