#!/usr/bin/env bash
# An offline bundle for an intranet: the tree, the wheels, the built pages' assets, the English catalogue and the letters' fonts.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
bundle="duban-$version"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/$bundle" dist

git archive HEAD | tar -x -C "$work/$bundle"
.venv/bin/python -m pip download --quiet --disable-pip-version-check -r requirements.txt -d "$work/$bundle/wheels"
cp -r web/static/vendor "$work/$bundle/web/static/vendor"
cp translations/en/LC_MESSAGES/messages.mo "$work/$bundle/translations/en/LC_MESSAGES/"
cp -rL "$(.venv/bin/python -c 'from notices.fonts import folder; print(folder())')" "$work/$bundle/fonts"
cat >"$work/$bundle/install.sh" <<'INSTALL'
#!/usr/bin/env bash
# Installs 督办 without a network: Python packages from wheels/, fonts and assets as they lie here.
set -euo pipefail
cd "$(dirname "$0")"
python3 -m venv .venv
.venv/bin/python -m pip install --quiet --no-index --find-links wheels -r requirements.txt
echo "Installed. Serve it with: DUBAN_FONT_DIR=$PWD/fonts .venv/bin/python -m flask --app app serve"
INSTALL
chmod +x "$work/$bundle/install.sh"
tar -C "$work" -czf "dist/$bundle.tar.gz" "$bundle"
echo "dist/$bundle.tar.gz ($(du -h "dist/$bundle.tar.gz" | cut -f1))"
