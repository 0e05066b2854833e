# What a reviewer should not have to say. `./x format` mends the first part.
source tools/x/setup.sh

problems=0
check() { # check <what> <command...>
  step "$1"
  shift
  "$@" || problems=$((problems + 1))
}

mapfile -t cpp < <(git ls-files 'src/*.cc' 'src/*.h' 'tests/*.cc' 'tests/*.h')
mapfile -t shell < <(git ls-files x '.ci/run' 'tools/*.sh' 'bench/*.sh')

check_shell() {
  local script status=0
  for script in "${shell[@]}"; do bash -n "$script" || status=1; done
  return $status
}

check_types() {
  local project status=0
  while read -r project; do
    note "$project"
    "$(pinned_node)" node_modules/typescript/bin/tsc --noEmit -p "$project" || status=1
  done < <(git ls-files 'tsconfig.json' '*/tsconfig.json')
  return $status
}

# clang-tidy reads the compile commands of a finished build. Without arguments only files that
# differ from main's last commit are read; `./x lint all` reads everything.
check_tidy() {
  local files
  if [[ "${1:-}" == all ]]; then
    mapfile -t files < <(git ls-files 'src/*.cc')
  else
    mapfile -t files < <(git diff --name-only --diff-filter=d HEAD~1 -- 'src/*.cc')
  fi
  ((${#files[@]} > 0)) || return 0
  printf '%s\n' "${files[@]}" |
    xargs -P "$(nproc)" -n 4 clang-tidy-19 -p build/release --quiet --warnings-as-errors='*'
}

check "C++ formatting" clang-format-19 --dry-run --Werror "${cpp[@]}"
check "Shell syntax" check_shell
check "TypeScript" check_types
if [[ ! -f build/release/build.ninja ]]; then quietly cmake --preset release; fi
check "clang-tidy" check_tidy "${1:-}"
((problems == 0)) || die "$problems of the checks found something"
