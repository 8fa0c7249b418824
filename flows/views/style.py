"""The one style sheet of everything that is shown as HTML: light and dark, contrast of at least 4.5:1 on every ground.

Its rules begin with `.overhaul`, so that a view in a notebook leaves the notebook as it is.
"""

from __future__ import annotations

from importlib.resources import files

STYLE = (files("overhaul.flows") / "templates" / "views.css").read_text(encoding="utf-8")
