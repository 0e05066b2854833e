# Every test. Unit tests run twice: as shipped, and under AddressSanitizer and UBSan.
source tools/x/build.sh
build_preset asan

pattern="${1:-}"
passed=0 failed=0 skipped=0
log="$(mktemp)"
trap 'rm -f "$log"' EXIT

# Prints what the command says, and keeps it to count from.
run_counted() { "$@" 2>&1 | tee "$log"; }

count() { # count <sed expression that leaves one number>
  local found
  found="$(sed -nE "$1" "$log" | tail -1)"
  echo "${found:-0}"
}

run_unit_tests() {
  local preset="$1" status=0 total bad left_out
  step "Unit tests, $preset"
  run_counted ctest --test-dir "build/$preset" --output-on-failure --progress -j"$(nproc)" \
    ${pattern:+-R "$pattern"} || status=$?
  total="$(count 's/.* tests failed out of ([0-9]+).*/\1/p')"
  bad="$(count 's/.*passed, ([0-9]+) tests failed out of.*/\1/p')"
  left_out="$(grep -cE '\(Skipped\)|\(Disabled\)' "$log" || true)"
  passed=$((passed + total - bad - left_out)) failed=$((failed + bad))
  skipped=$((skipped + left_out))
  if ((status != 0 && bad == 0)); then failed=$((failed + 1)); fi
}

run_javascript_tests() {
  local files status=0 bad
  mapfile -t files < <(find tests -name '*.test.mjs' -not -path '*/node_modules/*' | sort)
  ((${#files[@]} > 0)) || return 0
  step "JavaScript and end-to-end tests"
  run_counted "$(pinned_node)" --test --test-concurrency="$(nproc)" --test-reporter=spec \
    ${pattern:+--test-name-pattern="$pattern"} "${files[@]}" || status=$?
  passed=$((passed + $(count 's/^. pass ([0-9]+)$/\1/p')))
  bad=$(($(count 's/^. fail ([0-9]+)$/\1/p') + $(count 's/^. cancelled ([0-9]+)$/\1/p')))
  skipped=$((skipped + $(count 's/^. skipped ([0-9]+)$/\1/p')))
  skipped=$((skipped + $(count 's/^. todo ([0-9]+)$/\1/p')))
  if ((status != 0 && bad == 0)); then bad=1; fi
  failed=$((failed + bad))
}

run_unit_tests release
run_unit_tests asan
run_javascript_tests

((failed == 0)) && colour="$green" || colour="$red"
printf '%s%d passed, %d failed, %d skipped%s\n' "$colour" "$passed" "$failed" "$skipped" "$plain"
((failed == 0 && passed > 0))
