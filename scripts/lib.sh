# Shared by the scripts under scripts/; sourced, with ROOT set to the repository's root.

VENV="$ROOT/.venv"
BUILD="${LATHE_BUILD_DIR:-$ROOT/build}"
JOBS="${LATHE_JOBS:-$(nproc)}"
LOGS="$ROOT/.cache/dev"

say() { printf '== %s\n' "$*"; }
die() {
    printf 'dev: error: %s\n' "$*" >&2
    exit 1
}

# The package names of a list: comments and blank lines dropped.
list() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$@"; }

# retry WHAT COMMAND…: three tries with a growing pause, output to a log whose end is shown when all fail.
retry() {
    local what="$1" log try
    shift
    mkdir -p "$LOGS"
    log="$LOGS/${what//[^A-Za-z0-9]/-}.log"
    for try in 1 2 3; do
        if "$@" </dev/null >"$log" 2>&1; then return 0; fi
        if [ "$try" -lt 3 ]; then
            say "$what failed, trying again in $((try * 5)) s"
            sleep $((try * 5))
        fi
    done
    tail -n 30 "$log" >&2
    printf 'dev: error: %s failed three times; the whole output is in %s\n' "$what" "$log" >&2
    return 1
}

# What a log of ctest says of the tests that did not pass.
ctest_failures() { grep -v -E '^ +Start +[0-9]+:|\.\.\. +Passed +[0-9.]+ sec' "$1" | tail -n 200; }
