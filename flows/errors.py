"""What can go wrong while repositories are refactored.

OverhaulError
├── RepositoryError
│   ├── NotARepository     the path holds no git repository, or git cannot read it (any more)
│   ├── NoBase             empty repository, detached head or unknown branch: nothing to start from
│   └── DirtyWorkTree      uncommitted changes, which a run would leave out
├── UnknownDeployment      no deployment has this name
├── UnknownNotification    no notification has this name
├── SettingsError          the user's settings file cannot be used
├── CampaignFileError      a file is no campaign; every fault is in the message, with its line
├── LedgerError            the ledger's database does not answer, or was made by a newer version
├── NoModel                no model is configured, or not wholly
├── UnknownServer          no MCP server of this name is in the settings
├── NoPrice                nothing says what a model costs, and a limit of money needs it
├── ScaffoldError          no new project can be made in a folder, or it cannot be gone on with
├── ImageError             a file is no image that models take, or cannot be read
├── HandoffError           a run cannot be checked out, or what comes back cannot be taken
├── BenchError             instances or predictions cannot be read, or results are of something else
│   └── PatchRefused       a patch does not apply to the commit that it is for
├── DistillError           a run cannot be distilled, or no recipe came of it
├── NotApproved            nobody has approved the distilled recipe as it is now
├── ServerError            the background Prefect server does not start or answer
├── RunError
│   ├── UnknownRun         no run has this id or name, or several have
│   ├── UnknownCampaign    no run belongs to a campaign of this name
│   ├── BusyRun            another process works on this run
│   │   └── RunElsewhere   the run has been taken to another machine
│   ├── ResultElsewhere    what a run has come to is kept where this machine does not reach
│   ├── NothingToAnswer    the run waits at no gate, or somebody was faster
│   └── AnswerRefused      the answer could not count: the wrong person, an unknown file, no comment
├── UnknownTarget          nothing that can be reviewed is called so, or the diff does not apply
├── ReportError            a notebook could not be executed; what it said is in the message
├── SigningError           the user's key cannot sign commits
├── PublishError           the branch holds commits of somebody else, or the push was refused
└── DiskFull               no space was left; what was finished is kept

Every message says what, where and what next; arguments are strings only: Prefect moves them between processes.
"""


class OverhaulError(Exception):
    """Base of every error that a user of `overhaul.flows` may see."""


class RepositoryError(OverhaulError):
    """Something about a repository keeps it from being refactored."""


class NotARepository(RepositoryError):
    """The path holds no git repository, or git cannot read it (any more)."""


class NoBase(RepositoryError):
    """Empty repository, detached head or unknown branch: there is nothing to start from."""


class DirtyWorkTree(RepositoryError):
    """The work tree has uncommitted changes, which a run would leave out."""


class UnknownDeployment(OverhaulError):
    """No deployment has this name."""


class UnknownNotification(OverhaulError):
    """No notification has this name."""


class SettingsError(OverhaulError):
    """The user's settings file cannot be used."""


class CampaignFileError(OverhaulError):
    """A file is no campaign; every fault is in the message, with its line."""


class LedgerError(OverhaulError):
    """The ledger's database does not answer, or was made by a newer version of this program."""


class NoModel(OverhaulError):
    """No model is configured, or not wholly."""


class UnknownServer(OverhaulError):
    """No MCP server of this name is in the user's settings."""


class NoPrice(OverhaulError):
    """Nothing says what a model costs, and a limit of money needs it."""


class ScaffoldError(OverhaulError):
    """No new project can be made in a folder, or it cannot be gone on with."""


class ImageError(OverhaulError):
    """A file is no image that models take, or cannot be read."""


class HandoffError(OverhaulError):
    """A run cannot be checked out, or what comes back of it cannot be taken."""


class BenchError(OverhaulError):
    """Instances or predictions of a benchmark cannot be read or graded, or the results there are of something else."""


class PatchRefused(BenchError):
    """A patch does not apply to the commit that it is for."""


class DistillError(OverhaulError):
    """A run cannot be distilled, or no recipe came of it."""


class NotApproved(OverhaulError):
    """Nobody has approved the distilled recipe as it is now."""


class ServerError(OverhaulError):
    """The background Prefect server does not start or answer."""


class RunError(OverhaulError):
    """Something about a run keeps it from being shown, answered or continued."""


class UnknownRun(RunError):
    """No run has this id or name, or several have."""


class UnknownCampaign(RunError):
    """No run belongs to a campaign of this name."""


class BusyRun(RunError):
    """Another process works on this run."""


class RunElsewhere(BusyRun):
    """The run has been taken to another machine, and goes on there."""


class ResultElsewhere(RunError):
    """What a run has come to is kept where this machine does not reach."""


class NothingToAnswer(RunError):
    """The run waits at no gate, or somebody was faster."""


class AnswerRefused(RunError):
    """The answer could not count: the wrong person, an unknown file, no comment."""


class UnknownTarget(OverhaulError):
    """Nothing that can be reviewed is called so, or the diff does not apply."""


class ReportError(OverhaulError):
    """A notebook could not be executed; what it said is in the message."""


class SigningError(OverhaulError):
    """The user's key cannot sign commits."""


class PublishError(OverhaulError):
    """The branch holds commits of somebody else, or the push was refused."""


class DiskFull(OverhaulError):
    """No space was left on the device; what was finished is kept."""
