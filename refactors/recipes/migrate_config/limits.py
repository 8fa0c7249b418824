"""What the recipe proves, what it reports, and what it cannot see: a table in the docs."""

PROVES = (
    "literal arguments of setup() and options of setup.cfg, constants of the file among them; nothing is executed",
    "files that are the readme, license or requirements; find_packages(); a version that setup.py reads from one place",
    "the wheel is the same but for `Home-page` and `Download-URL` (now `Project-URL`), `Dynamic`, a type for .rst",
    "comments go along; what stays of setup.py, setup.cfg and pyproject.toml keeps every byte",
)
REPORTS = (
    "what pyproject.toml cannot say (cmdclass, ext_modules) or what is computed: it stays, its field becomes `dynamic`",
    "statements of setup.py that do something else than to work out arguments",
    "a [project] or [tool.setuptools] table that is there, another build backend",
    "files that name setup.py or setup.cfg where these go; -p setup_py=shim keeps a setup.py that only calls setup()",
    "settings of tools that have another meaning in pyproject.toml, or would be read in another order (-p tools=yes)",
)
OUT_OF_REACH = (
    "MANIFEST.in stays; documentation that names setup.py is not looked at",
    "what setup.py does by changing modules that it imports",
)
