"""The options of `run`, as people type them, made into those of the flow."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from overhaul.flows.command_line.recipe_commands import parse_parameters

if TYPE_CHECKING:
    from collections.abc import Sequence

    from overhaul.flows.options import Budget, RunOptions
    from overhaul.flows.settings import Settings

PROMPT_SUFFIXES = (".md", ".txt")
# A run keeps its prompt among its parameters, and of those Prefect takes 512 KiB in all, as JSON.
LONGEST_PROMPT = 100_000


def what_to_run(
    recipe_id: str, parameters: Sequence[str], chosen: dict[str, Any], settings: Settings
) -> tuple[str, dict[str, Any], RunOptions]:
    """A recipe's id, or `prompt` or `composite` for a file with one, its parameters and the options of its runs.

    Raises click.UsageError, RefactorError, NotApproved for a distilled recipe, and NoModel where one is needed.
    """
    from overhaul.flows.command_line.recipe_commands import in_sandbox, trust_named
    from overhaul.flows.recipe_lookup import COMPOSITE_SUFFIXES, find_recipe, named_recipe

    values = parse_parameters(parameters)
    if recipe_id.endswith(PROMPT_SUFFIXES):
        recipe_id, values = _prompt(recipe_id, values, chosen)
    if recipe_id.endswith(COMPOSITE_SUFFIXES):
        chosen["campaign"] = chosen["campaign"] or Path(recipe_id).stem
    recipe_id, values = named_recipe(recipe_id, values)
    if chosen.pop("trust_recipe", False):
        trust_named(recipe_id)
    recipe = find_recipe(recipe_id)
    if chosen.get("sandbox", "auto") != "auto":
        values = in_sandbox(recipe, values, chosen["sandbox"])
    values = recipe.bind(values).parameter_values
    if recipe_id.startswith("distilled:"):
        from overhaul.flows.distilled import recipe_of_run

        recipe_of_run(recipe_id, values)
    images, prompt = chosen.pop("images"), chosen.pop("leftovers_file")
    options = run_options({**chosen, "leftovers": read_prompt(prompt) if prompt else ""})
    if recipe_id == "prompt" or options.leftovers:
        from overhaul.flows.images import keep_images
        from overhaul.flows.providers import choose

        choose(settings)  # or it says what to set, before a server is started
        options = options.model_copy(update={"images": keep_images(images, settings)})
    elif images:
        raise click.UsageError("--image is for a model: give a PROMPT.md, or --leftovers PROMPT.md.")
    return recipe_id, values, options


def _prompt(file: str, values: dict[str, Any], chosen: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A prompt file as a recipe with its parameters; its runs are grouped under its name."""
    if values:
        raise click.UsageError(f"{file} is a prompt, which takes no -p; say it in the prompt.")
    task = read_prompt(file)
    chosen["campaign"] = chosen["campaign"] or Path(file).stem
    return "prompt", {"name": Path(file).name, "task": task}


def run_options(chosen: dict[str, Any]) -> RunOptions:
    """The options as the flow takes them. Raises click.UsageError, which says what is wrong with which."""
    from pydantic import ValidationError

    from overhaul.flows.options import Gates, RunOptions

    words = dict(pair.partition("=")[::2] for pair in chosen.pop("gates"))
    budget = budget_of(chosen.pop("budget", ()))
    try:
        gates = Gates(**{name: _gate_rule(word) for name, word in words.items()})
        return RunOptions(gates=gates, budget=budget, **chosen)
    except ValidationError as error:
        errors = error.errors()
        if errors[0]["loc"] == ("network",):
            raise click.UsageError(f"--network: {errors[0]['ctx']['error']}") from error
        # A rule in braces was not meant to be a word.
        first = next((each for each in errors if "GateRule" in str(each["loc"])), errors[0])
        place = ".".join(
            str(part) for part in first["loc"] if str(part).isidentifier() and part != "GateRule"
        )
        raise click.UsageError(
            f"--gate {place or 'rules'}: {_what_is_wrong(first)}. It takes plan=ask|auto, agent=ask|auto,"
            " publish=ask|auto|draft, or a rule in braces with approvers: [NAME, group:NAME], needed, timeout: 3d,"
            " on_timeout, escalate_to: [NAME], remind_every: 1d, record, auto_approve: {LIMITS};"
            " and groups={NAME: [NAME]}."
        ) from error


def read_prompt(path: str) -> str:
    """The text of a prompt file. Raises click.UsageError if there is none."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
        raise click.UsageError(f"the prompt {path} cannot be read: {why}.") from error
    if not text.strip():
        raise click.UsageError(f"the prompt {path} is empty; it says what the model is to do.")
    if (size := len(text.encode())) > LONGEST_PROMPT:
        raise click.UsageError(
            f"the prompt {path} has {size:,} bytes, and {LONGEST_PROMPT:,} are the most. Say what is to be done;"
            " what there is to read may be a file of the repository that the prompt names."
        )
    return text


def budget_of(pairs: tuple[str, ...]) -> Budget:
    """`tokens=400k` and the like. Raises click.UsageError."""
    from pydantic import ValidationError

    from overhaul.flows.options import Budget

    values = dict(part.strip().partition("=")[::2] for pair in pairs for part in pair.split(","))
    for name, value in values.items():
        unit = {"k": 1_000, "m": 1_000_000}.get(value[-1:].lower())
        if unit and value[:-1].replace(".", "", 1).isdecimal():
            values[name] = str(int(float(value[:-1]) * unit))
    try:
        return Budget.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise click.UsageError(
            f"--budget {name}={first['input']}: {first['msg']}. It takes tokens=400k, minutes=30, steps=60, dollars=5."
        ) from error


def _what_is_wrong(error: Any) -> str:
    """What pydantic says, in the words of somebody who has typed a rule."""
    key = str(error["loc"][-1]) if error["loc"] else ""  # none where keys do not fit together
    words = {
        "extra_forbidden": f"there is no key '{key}'",
        "model_type": f"'{error['input']}' is no rule",
        "tuple_type": f"'{error['input']}' is no list; write [{error['input']}]",
        "dict_type": f"'{error['input']}' is no table; write {{NAME: [NAME]}}",
        "int_parsing": f"'{error['input']}' is no whole number",
        "bool_parsing": f"'{error['input']}' is neither yes nor no",
        "time_delta_parsing": f"'{error['input']}' is no time; write 12h, 3d or 2w",
    }
    if error["type"] == "value_error":
        return str(error["ctx"]["error"])
    if error["type"] == "extra_forbidden" and ":" in key:
        return f"'{key}' wants a space after the colon"
    return str(words.get(error["type"].replace("model_attributes_type", "model_type"), error["msg"]))


def _gate_rule(word: str) -> Any:
    """A rule in braces as YAML gives it, with every value a string: `timeout: 12:30` and `no` are no traps."""
    if not word.startswith("{"):
        return word
    import yaml

    try:
        return yaml.load(word, Loader=yaml.BaseLoader)  # noqa: S506  (it makes strings, lists and dicts only)
    except yaml.YAMLError as error:
        raise click.UsageError(f"--gate: {word} is no rule: {' '.join(str(error).split())}") from error
