# Measures Selvage against its peers. bun and deno are optional: the pinned versions are put under
# build/bench, away from what the build needs, and left out where they cannot be had.
source tools/x/build.sh
build_preset release websocket_load
node="$(pinned_node)"
peers="$("$node" -p 'Object.values(require("./bench/peers.json")).map((peer) => `${peer.package}@${peer.version}`).join(" ")')"
if [[ "$(cat build/bench/peers 2>/dev/null)" != "$peers" ]]; then
  step "Fetching $peers to compare with (optional)"
  mkdir -p build/bench
  # Their programs are in packages of their own for each platform: no script has to run.
  # shellcheck disable=SC2086 # one word for each package
  if npm install --no-save --no-audit --no-fund --ignore-scripts --prefix build/bench $peers >build/bench/npm.log 2>&1; then
    echo "$peers" >build/bench/peers
  else
    note "not available (build/bench/npm.log says why); measuring without them"
  fi
fi
command -v nginx >/dev/null || note "nginx is not installed; measuring without it"
exec "$node" bench/run.mjs "$@"
