"""Explore a repository: a recipe's parameters as a form, and at each change its sites, their modules and the diff."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ipywidgets

from overhaul.flows.connection import ask_prefect
from overhaul.flows.graph_views.view import make_view
from overhaul.flows.recipe_lookup import find_recipe
from overhaul.flows.settings import Settings
from overhaul.flows.views.diff import diff_html
from overhaul.flows.views.import_graph import import_graph
from overhaul.flows.views.patch import notes_of
from overhaul.flows.views.shown import Shown, empty, facts, problem, together
from overhaul.flows.views.tables import sites_html
from overhaul.flows.widgets.live import WIDE, Debounced, mime_bundle, show
from overhaul.flows.widgets.parameter_form import LAYOUT, STYLE, ParameterForm
from overhaul.refactors.errors import ParameterError, RefactorError
from overhaul.refactors.graph.repository import RepositoryGraph
from overhaul.refactors.index import Index
from overhaul.refactors.registry import recipe_ids
from overhaul.refactors.scanning import Scan, scan_folder

PANELS = ("Sites", "Import graph", "Diff")


class Explorer:
    """A folder, a recipe and its parameters. Nothing is written until it is sent off as a run.

    Raises RefactorError if what it is given at first is wrong; later it shows what is wrong.
    """

    def __init__(
        self,
        folder: str,
        recipe: str,
        parameters: Mapping[str, Any],
        options: Mapping[str, Any] | None = None,
    ) -> None:
        for name, value in (("folder", folder), ("recipe", recipe)):
            if not isinstance(value, str):
                raise ParameterError(f"{name} is {value!r}; it takes text.")
        if not isinstance(parameters, Mapping):
            raise ParameterError(f"parameters is {parameters!r}; it takes names with values.")
        self._options = dict(options or {})
        self.scan: Scan | None = None
        self._problem = ""
        if parameters:
            self.scan = scan_folder(recipe, folder, parameters)
        self._later = Debounced(self._refresh)
        self._folder = ipywidgets.Text(value=folder, description="folder", style=STYLE, layout=LAYOUT)
        ids = list(dict.fromkeys([*recipe_ids(), find_recipe(recipe).id]))
        self._recipe = ipywidgets.Dropdown(
            options=ids, value=recipe, description="recipe", style=STYLE, layout=LAYOUT
        )
        self.form = ParameterForm(find_recipe(recipe), parameters, self._later)
        self._place_of_form = ipywidgets.VBox([self.form.widget])
        self._summary, *self._panels = (ipywidgets.HTML(layout=WIDE) for _ in range(len(PANELS) + 1))
        self._send = ipywidgets.Button(
            description="Send it off as a run",
            button_style="primary",
            icon="paper-plane",
            layout={"width": "auto"},
        )
        self._sent = ipywidgets.HTML(layout=WIDE)
        self._folder.observe(self._later, "value")
        self._recipe.observe(self._chosen, "value")
        self._send.on_click(lambda _: self._send_off())
        tabs = ipywidgets.Tab(self._panels, titles=PANELS, layout=WIDE)
        self.widget = ipywidgets.VBox(
            [self._folder, self._recipe, self._place_of_form, self._summary, tabs, self._send, self._sent],
            layout=WIDE,
        )
        self._refresh()

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return mime_bundle(self.widget, together(self.summary(), self.sites(), self.graph(), self.diff()))

    def summary(self) -> Shown:
        """How much there is, or what is wrong."""
        if self.scan is None:
            return problem(self._problem)
        found = self.scan.analysis
        counts = facts(
            [
                ("recipe", self.scan.recipe.id),
                ("sites proved", found.resolved),
                ("files that change", len(found.edits)),
                ("not proved", found.unresolved),
                ("files read", found.files_scanned),
                ("not understood", len(found.failures)),
            ]
        )
        return together(counts, *(problem(f"{each.path}: {each.error}") for each in found.failures[:20]))

    def sites(self) -> Shown:
        """Every place, what is not proved first."""
        if self.scan is None:
            return Shown("", "")
        sites = self.scan.sites
        if not sites:
            return empty("No site was found.")
        text = "\n".join(f"{each.path}:{each.line}: {each.status}: {each.reason}" for each in sites)
        return Shown(sites_html(sites), text)

    def graph(self) -> Shown:
        """The modules with sites on the import graph."""
        if self.scan is None:
            return Shown("", "")
        with Index(Settings.from_environment().facts_index) as index:
            view = make_view(RepositoryGraph(self.scan.tree, index), self.scan.folder.name, "imports")
        return import_graph(view, self.scan.sites)

    def diff(self) -> Shown:
        """What would change."""
        if self.scan is None:
            return Shown("", "")
        patch = self.scan.diff
        return Shown(
            diff_html(patch, notes_of(patch, self.scan.sites)), patch.decode(errors="backslashreplace")
        )

    def send(self) -> str:
        """Send what is shown off as a run, in a process of its own; return the run's id.

        Raises RefactorError, or RepositoryError where the folder is in no git repository.
        """
        from overhaul.flows.detached import carry_on
        from overhaul.flows.worktree import locate

        if self.scan is None:
            raise ParameterError(self._problem)
        settings, scan = Settings.from_environment(), self.scan
        source, options = locate(str(Path(scan.folder).expanduser())), self._options

        def create(_client: object) -> str:
            from overhaul.flows.options import RunOptions
            from overhaul.flows.runs import Request, create_run

            parameters = dict(scan.parameters)
            return create_run(Request(source, scan.recipe.id, parameters, RunOptions.model_validate(options)))

        run_id = ask_prefect(settings, create)
        carry_on(run_id, settings)
        return run_id

    def _chosen(self, _change: object) -> None:
        self.form = ParameterForm(find_recipe(self._recipe.value), {}, self._later)
        self._place_of_form.children = [self.form.widget]
        self._refresh()

    def _refresh(self) -> None:
        try:
            self.scan = scan_folder(self._recipe.value, self._folder.value, self.form.values)
            self._problem = ""
        except (RefactorError, OSError) as error:
            self.scan, self._problem = None, str(error)
        self._send.disabled = self.scan is None or not self.scan.analysis.edits
        show(self._summary, self.summary())
        for panel, part in zip(self._panels, (self.sites, self.graph, self.diff), strict=True):
            show(panel, part())

    def _send_off(self) -> None:
        from overhaul.flows.errors import OverhaulError

        self._send.disabled = True  # once is enough
        try:
            run_id = self.send()
        except (OverhaulError, RefactorError, ValueError) as error:
            show(self._sent, problem(str(error)))
        else:
            show(
                self._sent,
                facts([("sent off as run", run_id), ("look at it with", f"overhaul show {run_id[:8]}")]),
            )
