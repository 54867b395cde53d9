#!/bin/sh
# Set-up step: takes the front-end packages by npm and builds web/static/vendor; does nothing when that is up to date.
set -eu
cd "$(dirname "$0")/.."
vendor=web/static/vendor
source=$(cat frontend/package.json frontend/package-lock.json frontend/icons.json frontend/build.mjs frontend/src/* | sha256sum | cut -d' ' -f1)

if [ "${1:-}" != "--again" ] && grep -qs "\"source\": \"$source\"" "$vendor/manifest.json"; then
    echo "front-end files are up to date"
    exit 0
fi
command -v npm >/dev/null || { echo "npm is missing: install the Debian packages nodejs and npm, then run this again" >&2; exit 1; }

echo "taking the front-end packages (about 10 seconds)"
(cd frontend && npm ci --loglevel=error)
# Built beside and moved at the end, so that a build that fails leaves the old files.
fresh=build/vendor
node frontend/build.mjs "$fresh" "$source"
rm -rf "$vendor"
mv "$fresh" "$vendor"
echo "front-end files are built: $(du -sh "$vendor" | cut -f1)"
