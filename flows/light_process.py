"""Our processes without what Prefect imports and they never use: `python -m overhaul.flows.light_process MODULE`."""

from __future__ import annotations

import sys


def leave_out_unused() -> None:
    """Call before Prefect is imported, in a process that is ours alone.

    With Jupyter's extras, jsonschema compiles a grammar of internationalised addresses when it is imported, which is
    half of the time that Prefect takes. None of our processes checks such an address, and jsonschema does without.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


if __name__ == "__main__":
    import runpy

    leave_out_unused()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
