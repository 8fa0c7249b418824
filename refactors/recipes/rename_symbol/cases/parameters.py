"""Parameters: keywords at proved calls, `**` dictionaries, forwarding functions and overrides."""

from overhaul.refactors.recipe import Case

PARAMETER_CASES = (
    Case(
        "keywords of direct, aliased and partial calls; another function's keyword stays",
        {"old": "acme.load(key)", "new": "name"},
        {
            "acme.py": "def load(key, strict=False):\n    return lambda: key\n\n\ndef other(key): ...\n",
            "app.py": "from functools import partial\nfrom acme import load as read, other\n\n"
            "read(key=1), other(key=2)\npartial(read, key=3)\n"
            'read(**{"key": 4})\nread(**options)\n',
        },
        {
            "acme.py": "def load(name, strict=False):\n    return lambda: name\n\n\ndef other(key): ...\n",
            "app.py": "from functools import partial\nfrom acme import load as read, other\n\n"
            "read(name=1), other(key=2)\npartial(read, name=3)\n"
            'read(**{"name": 4})\nread(**options)\n',
        },
        unresolved=("app.py:7",),
    ),
    Case(
        "a method's parameter in its overrides, and calls on proved and unknown receivers",
        {"old": "acme.Client.fetch(key)", "new": "name"},
        {
            "acme.py": "class Client:\n    def fetch(self, key): ...\n\n\nclass Special(Client):\n"
            "    def fetch(self, key):\n        return super().fetch(key=key)\n\n\n"
            "def f(a: Client, b):\n    a.fetch(key=1)\n    b.fetch(key=2)\n    b.other(key=3)\n",
        },
        {
            "acme.py": "class Client:\n    def fetch(self, name): ...\n\n\nclass Special(Client):\n"
            "    def fetch(self, name):\n        return super().fetch(name=name)\n\n\n"
            "def f(a: Client, b):\n    a.fetch(name=1)\n    b.fetch(key=2)\n    b.other(key=3)\n",
        },
        unresolved=("acme.py:12",),
    ),
    Case(
        "a constructor's parameter, handed on as **keywords by a subclass",
        {"old": "acme.Field.__init__(required)", "new": "needed"},
        {
            "acme.py": "class Field:\n    def __init__(self, required=False):\n        self.required = required\n\n\n"
            "class Text(Field):\n    def __init__(self, **keywords):\n"
            '        keywords.setdefault("required", True)\n        super().__init__(**keywords)\n\n\n'
            "Field(required=True), Text(required=True)\n",
        },
        {
            "acme.py": "class Field:\n    def __init__(self, needed=False):\n        self.required = needed\n\n\n"
            "class Text(Field):\n    def __init__(self, **keywords):\n"
            '        keywords.setdefault("needed", True)\n        super().__init__(**keywords)\n\n\n'
            "Field(needed=True), Text(needed=True)\n",
        },
    ),
    Case(
        "an f-string that shows the name itself is kept working and reported",
        {"old": "acme.show(value)", "new": "item"},
        {"acme.py": 'def show(value):\n    return f"{value=} {value}"\n'},
        {"acme.py": 'def show(item):\n    return f"{item=} {item}"\n'},
        unresolved=("acme.py:2",),
    ),
    Case(
        "a decorator from outside may hand the parameter over by keyword",
        {"old": "acme.main(name)", "new": "who"},
        {
            "acme.py": 'import click\n\n\n@click.command()\n@click.option("--name")\ndef main(name):\n    print(name)\n'
        },
        {
            "acme.py": 'import click\n\n\n@click.command()\n@click.option("--name")\ndef main(who):\n    print(who)\n'
        },
        unresolved=("acme.py:4",),
    ),
)
