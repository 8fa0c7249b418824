# Run one command in a container under a time limit, end all that it started, and say how it ended.
# run_limited.sh MARK SECONDS FILE_BLOCKS COMMAND...
# Instead of SECONDS "itself": the command reads from standard input when it is to run, and keeps to its time limit.
mark=$1 seconds=$2 blocks=$3
shift 3
exec 2>&1
ulimit -c 0
ulimit -f "$blocks"

# Builtins only: after a fork bomb or without memory nothing can be started.
killed_for_memory() {
    count=0
    for file in /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control; do
        [ -r "$file" ] || continue
        while read -r key value; do
            [ "$key" = oom_kill ] && count=$value
        done <"$file"
    done
}

killed_for_memory
before=$count
if [ "$seconds" = itself ]; then
    "$@"
else
    timeout -k 2 "$seconds" "$@" </dev/null
fi
code=$?
# All processes of this user but this shell, whatever session they hid in.
kill -9 -1 2>/dev/null
killed_for_memory
printf '\036%s {"code":%d,"memory":%d}\036\n' "$mark" "$code" "$((count - before))"
