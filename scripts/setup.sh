# Installs what is missing: packages of the system, then the project's own virtual environment. Quick when all is there.

as_root() {
    if [ "$(id -u)" = 0 ]; then
        env DEBIAN_FRONTEND=noninteractive "$@"
    elif [ -t 0 ] && [ -z "${CI:-}" ]; then
        sudo env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

# setup_apt LIST…
setup_apt() {
    local have package missing=()
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "no apt here: expecting these, or what they hold, to be installed: $(list "$@" | tr '\n' ' ')"
        return 0
    fi
    have=" $(dpkg-query -W -f='${db:Status-Status}:${Package} ' 2>/dev/null) "
    for package in $(list "$@"); do
        case "$have" in *" installed:$package "*) ;; *) missing+=("$package") ;; esac
    done
    [ ${#missing[@]} = 0 ] && return 0
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            die "these packages are missing, and there is neither root nor sudo to install them: ${missing[*]}
hint: as root: apt-get install ${missing[*]}"
        fi
        # Ask for the password here, where it can be seen; the installation's output goes to a log.
        if [ -t 0 ] && [ -z "${CI:-}" ]; then sudo -v || die "sudo was refused"; fi
        as_root true 2>/dev/null || die "these packages are missing, and sudo wants a password but there is no terminal: ${missing[*]}
hint: as root: apt-get install ${missing[*]}"
    fi
    say "installing packages: ${missing[*]}"
    # Another installation may hold the lock: wait for it.
    retry "apt-get update" as_root apt-get -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 update || exit 1
    retry "apt-get install" as_root apt-get -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 install -y \
        --no-install-recommends "${missing[@]}" || exit 1
}

# The system's Python is the one whose headers python3-dev brings, so it comes before another in PATH.
base_python() {
    local p
    for p in "${LATHE_PYTHON:-}" /usr/bin/python3 "$(command -v python3 || true)"; do
        if [ -n "$p" ] && "$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            printf '%s\n' "$p"
            return 0
        fi
    done
    return 1
}

# setup_pip NAME LIST…: the stamp of NAME holds a hash of the lists and of the interpreter.
setup_pip() {
    local name="$1" python key stamp args=() file
    shift
    if ! "$VENV/bin/python" -c 'import pip' 2>/dev/null; then
        python="$(base_python)" || die "no Python of version 3.11 or newer with the venv module was found
hint: name one in LATHE_PYTHON, or install python3-venv"
        say "making the virtual environment .venv with $python"
        rm -rf "$VENV"
        "$python" -m venv "$VENV"
    fi
    stamp="$VENV/lathe-$name.stamp"
    key="$({ cat "$@"; "$VENV/bin/python" -VV; } | sha256sum)"
    [ "$(cat "$stamp" 2>/dev/null)" = "$key" ] && return 0
    for file in "$@"; do args+=(-r "$file"); done
    say "installing Python packages ($name)"
    retry "pip install" env PIP_DISABLE_PIP_VERSION_CHECK=1 "$VENV/bin/python" -m pip install --no-input --prefer-binary \
        "${args[@]}" || exit 1
    printf '%s\n' "$key" >"$stamp"
}

setup() {
    setup_apt "$ROOT/scripts/apt-packages.txt"
    setup_pip base "$ROOT/scripts/requirements.txt"
}
