# bench [cpu|gpu] [ARGUMENT…]: hands over to bench/cpu.py or bench/gpu.py, which also run alone against a built tree.

bench() {
    local which="${1:-cpu}" script
    [ $# -gt 0 ] && shift
    case "$which" in cpu | gpu) ;; *) die "bench knows cpu and gpu, not $which" ;; esac
    script="$ROOT/bench/$which.py"
    [ -f "$script" ] || die "bench/$which.py does not exist yet"
    build
    [ "$which" = cpu ] && setup_pip bench "$ROOT/scripts/requirements-bench.txt"
    PYTHONPATH="$BUILD/python" "$VENV/bin/python" "$script" "$@"
}
