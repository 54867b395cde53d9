"""Says as JSON which system libraries letters are set with: `python -m notices.libraries`, a process of its own."""

import ctypes
import json
import sys


def main() -> None:
    """Loads WeasyPrint as a worker does, so that what is missing is found here and not at the first letter."""
    import weasyprint  # noqa: PLC0415 - a library that is missing fails here
    from weasyprint.text.ffi import harfbuzz_subset, pango  # noqa: PLC0415

    number = pango.pango_version()
    harfbuzz = ctypes.CDLL("libharfbuzz.so.0")
    harfbuzz.hb_version_string.restype = ctypes.c_char_p
    told = {
        "weasyprint": weasyprint.__version__,
        "pango": f"{number // 10000}.{number // 100 % 100}.{number % 100}",
        "harfbuzz": harfbuzz.hb_version_string().decode(),
        "subset": harfbuzz_subset is not None,
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
