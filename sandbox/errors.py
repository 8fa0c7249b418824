"""What can go wrong where commands run.

SandboxError
├── NoSandbox              the tier that was asked for (or any, for `auto`) is not available here
├── EnvironmentFailed      the environment could not be installed; the message names the log
├── EditCommandFailed      a command that was to go on with an edit ended with an error
└── SandboxLost            the tier failed under a running command: engine stopped, container killed, disk full

Arguments are strings only, so that the errors survive pickling.
"""


class SandboxError(Exception):
    """Base of every error that a user of `overhaul.sandbox` may see."""


class NoSandbox(SandboxError):
    """The tier that was asked for is not available here; the message says what to install."""


class EnvironmentFailed(SandboxError):
    """The environment could not be installed; the message says which step and where its log is."""


class EditCommandFailed(SandboxError):
    """A command that was to go on with an edit ended with an error; the message has the end of what it said."""


class SandboxLost(SandboxError):
    """The tier failed under a running command: engine stopped, container killed, disk full."""
