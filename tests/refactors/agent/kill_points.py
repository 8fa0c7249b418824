"""Where an agent is killed in tests, and the process in which that happens: it forks one agent for each line it reads.

Run as a program. A line is JSON: `folder` (of a git repository with a mirror), `base_url`, `point`. The fork prints its
process id, works, and ends itself with SIGKILL where the point says; its parent prints how it ended.
"""
