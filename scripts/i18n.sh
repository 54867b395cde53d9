#!/bin/sh
# The English catalogue: "compile" is a set-up step, "extract" gathers new Chinese texts for the translator.
set -eu
cd "$(dirname "$0")/.."
pybabel=.venv/bin/pybabel
catalogue=translations/en/LC_MESSAGES/messages

case "${1:-compile}" in
compile)
    if [ -e "$catalogue.mo" ] && [ "$catalogue.mo" -nt "$catalogue.po" ]; then
        echo "the English catalogue is up to date"
    else
        $pybabel --quiet compile --input-file="$catalogue.po" --output-file="$catalogue.mo" --locale=en
        echo "the English catalogue is compiled"
    fi
    ;;
extract)
    mkdir -p build
    $pybabel --quiet extract --mapping=babel.cfg --keywords=N_ --no-location --sort-output --project=duban --version=0.1 --output=build/messages.pot .
    $pybabel --quiet update --input-file=build/messages.pot --output-file="$catalogue.po" --locale=en --no-fuzzy-matching --ignore-obsolete --no-wrap
    grep -c '^msgstr ""$' "$catalogue.po" | { read -r n; echo "texts without English (the heading counts as one): $n"; }
    ;;
*)
    echo "usage: scripts/i18n.sh compile | extract" >&2
    exit 2
    ;;
esac
