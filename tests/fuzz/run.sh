#!/usr/bin/env bash
# Runs one fuzz target without cargo-fuzz: tests/fuzz/run.sh TARGET [SECONDS]. What it finds beyond the committed corpus goes
# to tests/fuzz/grown, crashers to tests/fuzz/artifacts.
set -euo pipefail
cd "$(dirname "$0")"
target=$1 seconds=${2:-600}
passes='-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters'
passes+=' -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares'
triple=$(rustc -vV | sed -n 's/^host: //p')
RUSTFLAGS="$passes --cfg fuzzing -Ccodegen-units=1" cargo +nightly build --release --target "$triple" --bin "$target"
mkdir -p "grown/$target" "artifacts/$target"
exec "target/$triple/release/$target" -max_total_time="$seconds" -rss_limit_mb=1024 -timeout=10 -max_len=8192 \
    -artifact_prefix="artifacts/$target/" "grown/$target" "corpus/$target"
