"""The thirty attacks of SANDBOX.md and what shows each: a test by its file below tests/, or why there is none yet."""

from __future__ import annotations

from dataclasses import dataclass

GIT = "flows/test_attacks_git.py"
RUN = f"{GIT}::test_a_run_on_a_hostile_repository_runs_nothing_of_it_and_follows_no_link"
SCAN = f"{GIT}::test_recipes_on_folders_run_nothing_of_the_repository"
INSIDE = "sandbox/test_attacks.py"
PROBES = "sandbox/test_guarantees.py::test_what_must_not_be_possible_is_not"
ENDS = "sandbox/test_contract_ends.py"
TESTS = "sandbox/test_test_runs.py"
FUZZ = "refactors/test_fuzz_write_back.py"
STREAMS = "sandbox/test_fuzz_streams.py"


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack; `not_yet` says what of it there is nothing to attack for, so far."""

    number: int
    text: str
    shown_by: tuple[str, ...] = ()
    not_yet: str = ""


ATTACKS = (
    Attack(1, "fsmonitor", (RUN, SCAN, "flows/test_worktree.py::test_planted_configuration_runs_nothing")),
    Attack(2, "hooks and hooksPath", (RUN, SCAN, "flows/test_mirror.py::test_push_runs_no_hook_and_leaves_the_work_tree_alone")),
    Attack(3, "filter driver", (RUN, SCAN, "flows/test_mirror.py::test_a_filter_that_the_tree_asks_for_is_not_run")),
    Attack(4, "diff and textconv", (RUN, SCAN, "flows/test_worktree.py::test_planted_configuration_runs_nothing")),
    Attack(5, "gitlink with a nested .git", (RUN, SCAN, "flows/test_worktree.py::test_nested_repository_runs_nothing")),
    Attack(6, "embedded bare repository", (RUN, SCAN, f"{GIT}::test_a_run_on_a_repository_inside_runs_nothing_of_it")),
    Attack(7, "include.path", (RUN, SCAN)),
    Attack(8, "ext:: or --upload-pack as address or branch", (
        f"{GIT}::test_addresses_and_branches_that_git_would_run_are_refused",
        "flows/test_mirror.py::test_addresses_that_git_would_run_are_refused",
    )),
    Attack(9, "ext:: submodule", (RUN, SCAN)),
    Attack(10, "symbolic link in the clone", (
        RUN, f"{STREAMS}::test_trees_go_into_a_sandbox_without_git_and_without_what_is_outside",
        "sandbox/test_contract_commands.py::test_work_tree_is_a_copy_without_git_and_without_links_out_of_it",
    )),
    Attack(11, "patch into .git or ..", (
        f"{FUZZ}::test_hostile_names_are_written_below_the_folder_or_refused",
        f"{FUZZ}::test_patch_that_leads_elsewhere_is_refused_by_git",
        f"{GIT}::test_tree_with_paths_into_git_or_out_of_it_is_refused_and_nothing_is_written",
    )),
    Attack(12, "tar traversal", (
        f"{STREAMS}::test_trees_go_into_a_sandbox_without_git_and_without_what_is_outside",
        f"{STREAMS}::test_files_sent_back_are_those_asked_for_whatever_is_sent",
    )),
    Attack(13, "sparse 20 GB file, inode bomb", (
        f"{INSIDE}::test_formatter_of_the_repositorys_own_sends_back_only_a_file_of_the_same_meaning",
        f"{INSIDE}::test_sparse_file_larger_than_the_limit_is_refused",
        f"{ENDS}::test_filled_disk_ends_the_command_as_disk_full",
    )),
    Attack(14, "rename race on write-back", (
        f"{FUZZ}::test_folder_swapped_for_a_link_during_the_write_leads_nowhere",
        f"{INSIDE}::test_formatter_of_the_repositorys_own_sends_back_only_a_file_of_the_same_meaning",
    )),
    Attack(15, "conftest or setup.py touching files of the machine", (
        f"{INSIDE}::test_conftest_reaches_no_file_of_the_machine",
        f"{INSIDE}::test_build_and_setup_script_reach_no_file_of_the_machine",
    )),
    Attack(16, "forged test results", (
        f"{TESTS}::test_run_that_does_not_come_to_its_end_is_broken_not_passed",
        f"{TESTS}::test_junk_on_the_output_is_no_result",
        f"{TESTS}::test_deleted_and_skipped_tests_are_told_at_head",
        f"{STREAMS}::test_forged_records_are_output_and_stop_nothing",
        f"{INSIDE}::test_command_that_kills_its_wrapper_forges_no_exit_code",
    )),
    Attack(17, "fork bomb", (f"{INSIDE}::test_fork_bomb_is_held_and_ended",)),
    Attack(18, "memory and disk filled", (
        f"{ENDS}::test_memory_limit_ends_the_command_as_out_of_memory",
        f"{ENDS}::test_filled_disk_ends_the_command_as_disk_full",
        f"{INSIDE}::test_memory_is_watched_through_a_storm_of_ending_orphans",
    )),
    Attack(19, "5 GB of output, one line of 300 MB", (
        "sandbox/test_faults.py::test_output_of_five_gigabytes_is_drained_in_bounded_memory",
        f"{INSIDE}::test_line_of_300_megabytes_ends_in_a_short_log",
    )),
    Attack(20, "setsid daemon outliving the time limit", (
        f"{ENDS}::test_time_limit_ends_the_command_and_its_daemon_in_another_session",
        f"{INSIDE}::test_daemon_that_hides_behind_many_forks_and_sessions_is_found",
    )),
    Attack(21, "egress: TCP, DNS, gateway, VSOCK; at the proxy null byte, IP literal, redirect", (
        PROBES, f"{INSIDE}::test_nothing_leaves_by_the_machines_own_servers",
        "sandbox/test_network.py::test_public_does_not_mean_this_machine",
        "sandbox/test_network.py::test_tests_reach_the_hosts_that_a_run_names_and_no_other",
    )),
    Attack(22, "environment, /proc/1/environ, docker.sock", (
        PROBES, f"{INSIDE}::test_no_secret_of_the_machine_is_in_what_a_command_can_read",
        "sandbox/test_contract_commands.py::test_variables_of_the_command_are_added_to_a_minimal_environment",
    )),
    Attack(23, "planted secrets in logs, artifacts, notebooks, pull requests", (
        f"{GIT}::test_secret_that_tests_print_is_in_nothing_that_a_run_leaves",
        "sandbox/test_parts.py::test_secret_is_redacted_in_each_form",
        "sandbox/test_redaction.py::test_tokens_of_known_forms_are_found_anywhere",
    )),
    Attack(24, "prompt injection that calls a disallowed tool", (
        "refactors/agent/test_injection.py::test_obeying_hostile_text_widens_no_right",
    )),
    Attack(25, "configuration, AGENTS.md or MCP of a repository raising permissions", (
        "flows/test_agent_runs.py::test_full_mode_asks_about_ci_files_and_unfinished_work_whatever_the_repository_says",
        "flows/test_review.py::test_guidelines_come_from_base_and_an_injected_approval_decides_nothing",
    )),
    Attack(26, "MCP tool description changed after approval", (
        "flows/test_mcp_tools.py::test_changed_description_is_refused_until_it_is_approved_again",
    )),
    Attack(27, "approval for diff X executed as diff Y", (
        "flows/test_gates.py::test_approval_of_one_thing_is_none_of_another",
    )),
    Attack(28, "forged or replayed webhook, mention by a stranger", (
        "flows/test_webhook.py::test_only_who_knows_the_secret_is_heard",
        "flows/test_webhook.py::test_delivery_is_taken_once_for_a_month",
        "flows/test_webhook.py::test_people_who_may_write_decide_and_merges_advance_campaigns",
    )),
    Attack(29, "edits of CI workflow files", (
        f"{GIT}::test_edit_of_what_the_ci_runs_needs_a_person_even_in_full_mode",
        "refactors/test_review.py::test_ci_configuration_is_urgent",
    )),
    Attack(30, "dependency confusion in environment setup", (
        "sandbox/test_attacks_indexes.py::test_private_package_is_not_taken_from_the_public_index",
        "sandbox/test_attacks_indexes.py::test_public_index_comes_last_wherever_it_is_named",
    )),
)  # fmt: skip
