"""`python -m infra.native`: compile the hot loops of reading, where `lepton_core.table.native` looks for them.

An installation compiles them by itself (`infra.wheel_hook`); this is for who changed them.
"""

import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

SOURCES = "lepton_core/table/native"
NAME = "compiled.bin"


def compiler() -> str | None:
    """The C compiler that $CC names, or the one of this machine; None if there is none."""
    return shutil.which(os.environ.get("CC") or "cc") or shutil.which("gcc") or shutil.which("clang")


def compile_native(root: Path, target: Path, *more: str) -> str:
    """Compile the sources below ``root`` into the file ``target``, with ``more`` flags; why it could not be, or "".

    A library that is in use stays as it is: the new one takes its place, and not its bytes.
    """
    found = compiler()
    if found is None:
        return "there is no C compiler (on Debian and Ubuntu: apt install gcc)"
    made = target.with_suffix(
        f".{os.getpid()}{target.suffix}"
    )  # if it stays, it is passed over like the target
    sources = sorted(map(str, (root / SOURCES).glob("*.c")))
    written = runpy.run_path(str(root / SOURCES / "sources.py"))
    flags = [*written["FLAGS"], *more]
    interface = runpy.run_path(str(root / SOURCES / "signatures.py"))["interface"](flags)
    numbers = {"SOURCES": written["digest"](root / SOURCES), "INTERFACE": interface}
    said = [f"-DLEPTON_{name}=UINT64_C({number})" for name, number in numbers.items()]
    try:
        done = subprocess.run(  # noqa: S603  (our own sources)
            [found, *flags, *said, *sources, "-o", str(made)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            return f"{found} failed: {done.stderr.strip()[:1000]}"
        made.replace(target)
    finally:
        made.unlink(missing_ok=True)
    return ""


def needed_glibc(library: Path) -> tuple[int, int] | None:
    """The oldest glibc that ``library`` runs with; None if it needs something else, or if no objdump can tell."""
    found = shutil.which("objdump")
    if found is None:
        return None
    environment = {**os.environ, "LC_ALL": "C"}
    command = [found, "-p", str(library)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)  # noqa: S603
    return None if done.returncode else glibc_said(done.stdout)


def glibc_said(headers: str) -> tuple[int, int] | None:
    r"""The newest glibc among the version references that `objdump -p` prints; None if there are other needs.

    >>> glibc_said("  NEEDED   libc.so.6\nVersion References:\n  required from libc.so.6:\n    0x1 0x00 03 GLIBC_2.14")
    (2, 14)
    """
    if re.findall(r"^\s*NEEDED\s+(\S+)", headers, re.MULTILINE) != ["libc.so.6"]:
        return None
    names = re.findall(
        r"^\s*0x\w+ 0x\w+ \d+ (\S+)", headers.partition("Version References:")[2], re.MULTILINE
    )
    found = [re.fullmatch(r"GLIBC_([0-9]+)\.([0-9]+)(?:\.[0-9]+)*", name) for name in names]
    versions = [(int(one[1]), int(one[2])) for one in found if one]
    return max(versions) if versions and len(versions) == len(found) else None


def main() -> int:
    """The command line."""
    root = Path(__file__).parent.parent
    target = root / SOURCES / NAME
    reason = compile_native(root, target, "-Werror")
    sys.stderr.write(f"{reason}\n" if reason else f"compiled {target.relative_to(root)}\n")
    return 1 if reason else 0


if __name__ == "__main__":
    sys.exit(main())
