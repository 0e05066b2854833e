# The fault campaign: simulated lives of the storage layer over a disk that fails, then every broken
# variant of it until it is noticed. With options, whatever `faults --help` says: ./x faults --seed 7
source tools/x/setup.sh
build_preset release faults faults_broken

seeds="${1:-10000}"
if [[ "$seeds" == -* ]]; then
  # A broken variant is replayed with the executable that has it.
  program=faults
  [[ " $* " == *" --variant "* || " $* " == *" --variants"* || " $* " == *" --list "* ]] && program=faults_broken
  exec "build/release/tests/faults/$program" "$@"
fi
[[ "$seeds" =~ ^[0-9]+$ ]] || die "./x faults takes a number of seeds, or options, not '$seeds'"
step "Fault injection, $seeds seeds"
build/release/tests/faults/faults --seeds "$seeds"
step "Broken variants"
build/release/tests/faults/faults_broken --variants
