# The main job on real input: samples/digits/demo.py drives the build and, in a new process, the run.

demo() {
    local log="$BUILD/demo"
    mkdir -p "$log"
    LATHE_TARGET="${LATHE_TARGET:-cpu}" PYTHONPATH="$BUILD/python" "$VENV/bin/python" "$ROOT/samples/digits/demo.py" \
        --build-dir "$BUILD" --out "$log" </dev/null || die "the demo failed"
    echo "demo: OK"
}
