#!/usr/bin/env bash
# Fetches the free faces the letters are built from, as Debian packages, into a per-machine folder; asks for no privileges
# where apt can download without them. Building the faces themselves is `python -m notices.fonts`.
set -euo pipefail
SOURCES="${DUBAN_FONT_SOURCES:-${XDG_CACHE_HOME:-$HOME/.cache}/duban/font-sources}"
LIBRARIES=(libpangoft2-1.0-0 libharfbuzz-subset0)   # what WeasyPrint loads; these can only be installed
mkdir -p "$SOURCES"

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then sudo -n "$@"; else return 1; fi
}

install_libraries() {
  local missing=()
  for package in "${LIBRARIES[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
  [ ${#missing[@]} = 0 ] && return
  as_root apt-get install -y -q --no-install-recommends "${missing[@]}" >/dev/null && return
  echo "fonts.sh: please have these packages installed: ${missing[*]}" >&2
  return 1
}

# take PACKAGE PATTERN FIRST_FILE: the files of a package that match, without installing it (its dependencies are not wanted)
take() {
  [ -e "$SOURCES/$3" ] && return
  local work; work="$(mktemp -d "$SOURCES/.take.XXXXXX")"
  if (cd "$work" && apt-get download -q "$1" >/dev/null 2>&1); then
    dpkg-deb --fsys-tarfile "$work"/"$1"_*.deb | tar -x -C "$work" --wildcards "$2"
    find "$work" -name "$(basename "$2")" -type f -exec mv -f {} "$SOURCES/" \;
  else
    echo "fonts.sh: $1 could not be had; the letters will use the next best face" >&2
  fi
  rm -rf "$work"
}

install_libraries
[ -n "$(find /var/lib/apt/lists -name '*Packages*' -print -quit 2>/dev/null)" ] || as_root apt-get update -q >/dev/null || true
take texlive-lang-chinese '*/opentype/public/fandol/Fandol*-Regular.otf' FandolFang-Regular.otf &
take fonts-lxgw-wenkai '*/lxgw-wenkai/LXGWWenKai-*.ttf' LXGWWenKai-Light.ttf &
if [ -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc ]; then :; else
  take fonts-noto-cjk '*/noto/Noto*CJK-*.ttc' NotoSansCJK-Regular.ttc &
fi
wait
ls "$SOURCES"
