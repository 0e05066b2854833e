# Every fuzz target for a while each. What breaks one is left in build/fuzz/findings/<target>.
source tools/x/setup.sh
seconds="${1:-60}"
build_preset fuzz
mapfile -t targets < <(find build/fuzz/tests/fuzz -maxdepth 1 -type f -executable -name '*_fuzz' | sort)
((${#targets[@]} > 0)) || die "there are no fuzz targets in tests/fuzz"
broken=()
for target in "${targets[@]}"; do
  name="$(basename "$target")"
  corpus="build/fuzz/corpus/$name" findings="build/fuzz/findings/$name"
  mkdir -p "$corpus" "$findings"
  seeds=()
  [[ -d "tests/fuzz/seeds/${name%_fuzz}" ]] && seeds=("tests/fuzz/seeds/${name%_fuzz}")
  step "$name for $seconds s"
  if ! "$target" -max_total_time="$seconds" -artifact_prefix="$findings/" -print_final_stats=0 \
    -verbosity=0 -timeout=10 -rss_limit_mb=2048 "$corpus" "${seeds[@]}"; then
    broken+=("$name")
  fi
done
((${#broken[@]} == 0)) || die "found inputs that break ${broken[*]}: see build/fuzz/findings"
step "No input broke anything"
