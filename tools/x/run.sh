# The article's API, on http://localhost:8787.
source tools/x/build.sh
port="${PORT:-8787}"
step "Serving examples/edge-api: try curl http://localhost:$port/, /cached, /counter, /visits"
exec bin/selvage serve examples/edge-api --port "$port" "$@"
