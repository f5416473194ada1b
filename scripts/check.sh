# check [STAGE…]: each stage reports by itself; the exit status is that of all of them together.

STAGES=(format includes tidy nvrtc asan tsan)

# Our own C++ files, git's view of them where there is one.
sources() {
    if git -C "$ROOT" rev-parse --git-dir >/dev/null 2>&1; then
        git -C "$ROOT" ls-files --cached --others --exclude-standard -- '*.h' '*.cc' '*.cpp'
    else
        (cd "$ROOT" && find . -path './build*' -prune -o -path ./.venv -prune -o \( -name '*.h' -o -name '*.cc' \) -print | sed 's|^\./||')
    fi | while read -r f; do if [ -f "$ROOT/$f" ]; then printf '%s\n' "$f"; fi; done
}

run_clang_format() { # ARGUMENT…, file names on standard input, each closed by a zero byte
    (cd "$ROOT" && xargs -0 -r -n 64 "$VENV/bin/python" -c \
        'import sys, clang_format; sys.argv[0] = "clang-format"; sys.exit(clang_format.clang_format())' "$@")
}

format_all() {
    local files
    mapfile -t files < <(sources)
    [ ${#files[@]} = 0 ] || printf '%s\0' "${files[@]}" | run_clang_format -i
}

check_format() {
    local files bad
    mapfile -t files < <(sources)
    [ ${#files[@]} = 0 ] && return 0
    "$VENV/bin/python" -c 'import clang_format' || return 1
    bad="$(printf '%s\0' "${files[@]}" | run_clang_format --dry-run 2>&1 |
        sed -n 's/^\([^:]*\):[0-9]*:[0-9]*: .*clang-formatted.*/\1/p' | sort | uniq -c)"
    [ -z "$bad" ] && return 0
    printf 'places that clang-format would change, by file:\n%s\nhint: ./dev format\n' "$bad"
    return 1
}

check_includes() { "$VENV/bin/python" "$ROOT/tests/arrows/check_includes.py" "$ROOT"; }

# The files that differ from the main branch; where none do, a dozen of all, another dozen with each commit.
tidy_files() {
    local base changed
    base="$(git -C "$ROOT" merge-base HEAD origin/main 2>/dev/null || true)"
    changed="$( ([ -n "$base" ] && git -C "$ROOT" diff --name-only "$base"; git -C "$ROOT" ls-files -mo --exclude-standard) 2>/dev/null | sort -u |
        grep -E '^(src|frontends|plugins|tools)/.*\.cc$' || true)"
    if [ -z "$changed" ]; then
        local seed
        seed="$(git -C "$ROOT" rev-parse HEAD 2>/dev/null || echo none)"
        changed="$(sources | grep -E '^(src|frontends|plugins|tools)/.*\.cc$' | grep -v _test.cc |
            while read -r f; do printf '%s %s\n' "$(printf '%s%s' "$seed" "$f" | sha256sum | cut -c1-16)" "$f"; done |
            sort | head -n 12 | cut -d' ' -f2)"
    fi
    printf '%s\n' "$changed"
}

check_tidy() {
    local files limit="${LATHE_TIDY_SECONDS:-300}" end file dir status=0 done=0
    setup_apt "$ROOT/scripts/apt-packages-check.txt"
    # clang-tidy wants the command of each file: a tree without unity builds, in which only generated headers are made.
    dir="$ROOT/build-tidy"
    LATHE_UNITY=OFF configure "$dir" -DCMAKE_BUILD_TYPE=Release
    ninja -C "$dir" -t targets all 2>/dev/null | sed -n 's/^\([^:]*_generated\.h\):.*/\1/p' | xargs -r ninja -C "$dir" >/dev/null || true
    mapfile -t files < <(tidy_files)
    end=$((SECONDS + limit))
    for file in "${files[@]}"; do
        [ -f "$ROOT/$file" ] || continue
        grep -qF "/$file\"" "$dir/compile_commands.json" || continue
        if [ $SECONDS -ge $end ]; then
            echo "tidy: $limit s are over after $done of ${#files[@]} files (LATHE_TIDY_SECONDS)"
            break
        fi
        (cd "$ROOT" && clang-tidy -p "$dir" --quiet --extra-arg=-Wno-everything "$file" 2>/dev/null) || status=1
        done=$((done + 1))
    done
    echo "tidy: $done files looked at"
    return $status
}

# Every CUDA source, and every tactic's plans, for every architecture.
check_nvrtc() {
    local log="$BUILD/nvrtc.log"
    setup_pip check "$ROOT/scripts/requirements-check.txt"
    configure "$BUILD" -DCMAKE_BUILD_TYPE=Release
    ninja -C "$BUILD" -j "$JOBS" cuda_test
    VIRTUAL_ENV="$VENV" GTEST_FILTER='*SlowCudaCompile*:*SlowCudaTacticPlans*' "$BUILD/tests/cuda_test" >"$log" 2>&1 </dev/null || {
        grep -E 'Failure|FAILED|error' -A5 "$log" | head -n 60
        return 1
    }
    if grep -q '^\[  SKIPPED' "$log"; then
        echo "nvrtc: skipped: $(grep -m1 -i 'nvrtc' "$log")"
        return 1
    fi
    tail -n 1 "$log"
}

sanitized_build() { # DIR SANITIZERS TARGET…
    local dir="$1" kinds="$2"
    shift 2
    configure "$dir" -DCMAKE_BUILD_TYPE=RelWithDebInfo -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O1 -g1" -DLATHE_SANITIZE="$kinds" \
        -DLATHE_PYTHON=OFF
    ninja -C "$dir" -j "$JOBS" "$@"
}

check_asan() {
    local dir="$ROOT/build-asan"
    sanitized_build "$dir" address,undefined lathe_tests || return 1
    ASAN_OPTIONS="strict_string_checks=1:detect_stack_use_after_return=1:${ASAN_OPTIONS:-}" \
        UBSAN_OPTIONS="print_stacktrace=1:halt_on_error=1:${UBSAN_OPTIONS:-}" \
        GTEST_FILTER='-Slow*:*.Slow*:*/Slow*' ctest --test-dir "$dir" -LE '^(slow|nosan)$' -j "$JOBS" --timeout 1200 --output-on-failure --no-tests=error >"$dir/ctest.log" 2>&1 || {
        ctest_failures "$dir/ctest.log"
        return 1
    }
    tail -n 3 "$dir/ctest.log"
}

# The cases whose names speak of threads, in the test programs of the folders that have any.
check_tsan() {
    local dir="$ROOT/build-tsan" wanted=() name program plain=() status=0 run=0
    for name in base device exec builder runtime api; do
        if [ -n "$(cd "$ROOT" && grep -rlE 'TEST(_[FP])?\([^)]*(Thread|Concurren)' --include='*_test.cc' "src/$name" 2>/dev/null)" ]; then
            wanted+=("${name}_test")
        fi
    done
    if [ ${#wanted[@]} = 0 ]; then
        echo "tsan: no test case has Thread or Concurrent in its name"
        return 0
    fi
    sanitized_build "$dir" thread "${wanted[@]}" || return 1
    # ThreadSanitizer of g++ 12 cannot start under the address randomization of newer kernels.
    if setarch "$(uname -m)" -R true 2>/dev/null; then plain=(setarch "$(uname -m)" -R); fi
    for name in "${wanted[@]}"; do
        program="$dir/tests/$name"
        GTEST_FILTER='*Thread*:*Concurren*' TSAN_OPTIONS="halt_on_error=1:${TSAN_OPTIONS:-}" timeout 900 "${plain[@]}" "$program" \
            >"$dir/$name.log" 2>&1 </dev/null || {
            tail -n 80 "$dir/$name.log"
            status=1
        }
        if ! grep -qE '^\[  PASSED  \] [1-9]' "$dir/$name.log"; then
            echo "tsan: $name passed no test"
            status=1
        fi
        run=$((run + 1))
    done
    echo "tsan: $run programs"
    return $status
}

check() {
    local stages=("$@") stage known budget="${LATHE_CHECK_SECONDS:-0}" left status failed=() skipped=()
    [ ${#stages[@]} = 0 ] && stages=("${STAGES[@]}")
    for stage in "${stages[@]}"; do
        known=" ${STAGES[*]} "
        case "$known" in *" $stage "*) ;; *) die "unknown stage of check: $stage (there are: ${STAGES[*]})" ;; esac
    done
    for stage in "${stages[@]}"; do
        [ -n "${LATHE_CHECK_NESTED:-}" ] || say "check: $stage"
        if [ "$budget" -gt 0 ]; then
            left=$((budget - SECONDS))
            if [ "$left" -le 30 ]; then
                skipped+=("$stage")
                continue
            fi
            # A stage runs as a process of its own, so that it can be stopped when the time is over.
            status=0
            LATHE_CHECK_NESTED=1 LATHE_CHECK_SECONDS=0 timeout -k 20 "$left" "$ROOT/dev" check "$stage" </dev/null || status=$?
            if [ "$status" = 124 ] || [ "$status" = 137 ]; then
                skipped+=("$stage")
            elif [ "$status" != 0 ]; then
                failed+=("$stage")
            fi
        elif ! "check_$stage"; then
            failed+=("$stage")
        fi
    done
    [ -n "${LATHE_CHECK_NESTED:-}" ] && return $((${#failed[@]} != 0))
    for stage in ${skipped[@]+"${skipped[@]}"}; do echo "check: $stage was not finished: the time was over (LATHE_CHECK_SECONDS=$budget)"; done
    if [ ${#failed[@]} != 0 ]; then
        echo "check: FAILED: ${failed[*]}"
        return 1
    fi
    echo "check: no failure in: ${stages[*]}"
}
