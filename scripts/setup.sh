#!/usr/bin/env bash
# Sets the machine up for the product ("dev" as first word: for tests and checks too). Done steps are skipped.
set -euo pipefail
cd "$(dirname "$0")/.."
kind=${1:-run}
mkdir -p build

say() { printf '· %s\n' "$*"; }

# --- packages of the system ------------------------------------------------------------------------------------
system_packages() {
  local need=(libpangoft2-1.0-0 libharfbuzz-subset0 python3-venv)
  [ "$kind" = dev ] && need+=(chromium poppler-utils libreoffice-writer-nogui softhsm2 qpdf)
  command -v npm >/dev/null || need+=(npm)
  "${PYTHON3:-python3}" -c 'import ensurepip, venv' 2>/dev/null && need=("${need[@]/python3-venv/}")
  local missing=()
  for package in "${need[@]}"; do
    [ -z "$package" ] && continue
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return
  say "installing by apt: ${missing[*]}"
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >build/apt.log 2>&1 ||
    { tail -5 build/apt.log; exit 1; }
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo "$@"
  else
    say "These system packages are missing and neither root nor sudo is at hand. Install them, then run this again:"
    printf '  %s\n' "${missing[@]}"
    exit 1
  fi
}

# --- Python ------------------------------------------------------------------------------------------------------
python_packages() {
  local list=requirements.txt
  [ "$kind" = dev ] && list=requirements-dev.txt
  local stamp="build/python-$kind"
  if [ -x .venv/bin/python ] && [ -f "$stamp" ] && cat requirements*.txt | sha256sum | cmp -s - "$stamp"; then return; fi
  "${PYTHON3:-python3}" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    { say "Python 3.11 or newer is needed; this is $("${PYTHON3:-python3}" --version)."; exit 1; }
  [ -x .venv/bin/python ] || "${PYTHON3:-python3}" -m venv .venv
  say "installing Python packages ($list), about a minute"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$list"
  cat requirements*.txt | sha256sum >"$stamp"
}

system_packages
python_packages
scripts/fonts.sh
.venv/bin/python -m notices.fonts
scripts/assets.sh
scripts/i18n.sh compile
