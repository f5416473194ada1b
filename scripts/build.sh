# configure DIR CMAKE-OPTION…, and the Release build.

configure() {
    local dir="$1" launcher=() home
    shift
    # A tree that was moved or copied cannot be configured again in place.
    home="$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$dir/CMakeCache.txt" 2>/dev/null || true)"
    if [ -n "$home" ] && [ "$home" != "$ROOT" ]; then
        say "$dir was configured for $home: starting it anew"
        rm -rf "$dir/CMakeCache.txt" "$dir/CMakeFiles"
    fi
    if command -v ccache >/dev/null; then
        launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
        export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$ROOT}" CCACHE_NOHASHDIR="${CCACHE_NOHASHDIR:-1}"
        export CCACHE_SLOPPINESS="${CCACHE_SLOPPINESS:-pch_defines,time_macros}"
    fi
    mkdir -p "$dir"
    cmake -G Ninja -S "$ROOT" -B "$dir" --no-warn-unused-cli "${launcher[@]}" -DLATHE_UNITY="${LATHE_UNITY:-ON}" \
        -DPython_EXECUTABLE="$VENV/bin/python" -DPython3_EXECUTABLE="$VENV/bin/python" \
        -DCMAKE_PREFIX_PATH="$VENV" "$@" >"$dir/configure.log" 2>&1 || {
        tail -n 40 "$dir/configure.log" >&2
        die "cmake failed; the whole output is in $dir/configure.log"
    }
}

build() {
    say "build: Release in $BUILD"
    configure "$BUILD" -DCMAKE_BUILD_TYPE=Release
    ninja -C "$BUILD" -j "$JOBS" || die "the build failed"
}
