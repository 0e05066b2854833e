# Installs what is missing, and nothing else. Quick when nothing is.

install_debian_packages() {
  local wanted missing=() package
  command -v dpkg-query >/dev/null ||
    die "this set-up is made for Debian 12; elsewhere install what tools/debian-packages.txt lists"
  mapfile -t wanted < <(sed -e 's/#.*//' -e 's/[[:space:]]*$//' -e '/^$/d' tools/debian-packages.txt)
  # npm is needed once, to fetch the pinned packages; any will do.
  command -v npm >/dev/null || wanted+=(nodejs npm)
  local installed
  installed="$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' "${wanted[@]}" 2>/dev/null |
    sed -n 's/^ii *//p' || true)"
  for package in "${wanted[@]}"; do
    grep -qxF -- "$package" <<<"$installed" || missing+=("$package")
  done
  if ((${#missing[@]} == 0)); then
    step "Debian packages: all there"
    return
  fi
  step "Debian packages: installing ${missing[*]}"
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "these packages need root, and there is no sudo; as root run:
       apt-get update && apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
  fi
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq)
  # The lists may be absent or old; ask for new ones only when the first try needs them.
  if ! "${apt[@]}" install --no-install-recommends -y "${missing[@]}" >/dev/null 2>&1; then
    note "updating apt's package lists"
    quietly "${apt[@]}" update
    quietly "${apt[@]}" install --no-install-recommends -y "${missing[@]}"
  fi
}

install_npm_packages() {
  local stamp=node_modules/.selvage-lock want
  want="$(sha256sum package.json package-lock.json)"
  if [[ -f $stamp && "$(<"$stamp")" == "$want" ]]; then
    step "npm packages: as the lock file says"
  else
    step "npm packages: fetching what package-lock.json pins"
    quietly npm ci --ignore-scripts --no-audit --no-fund
    printf '%s' "$want" >"$stamp"
  fi
  [[ -x "$(pinned_node)" ]] ||
    die "npm did not install $(node_package): is optional=false set in an .npmrc?"
}

install_debian_packages
install_npm_packages
