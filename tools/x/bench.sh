source tools/x/build.sh
[[ -f bench/run.mjs ]] || die "bench/run.mjs is missing"
exec "$(pinned_node)" bench/run.mjs "$@"
