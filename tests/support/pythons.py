"""Run pytest on each Python that is installed: ``python -m tests.support.pythons ARGUMENTS-OF-PYTEST``.

Looked for are ``python3.11`` to ``python3.13`` on the path and those of pyenv. One that is missing, or does not run,
is skipped with a word. Each has an environment of its own in ``build/pythons``, made anew when the requirements change.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

VERSIONS = ("3.11", "3.12", "3.13")
ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements" / "dev.txt"


def found(version: str) -> Path | None:
    """An interpreter of that version which runs."""
    named = shutil.which(f"python{version}")
    folders = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin"))
    for python in [*([Path(named)] if named else []), *(folder / "python" for folder in folders)]:
        probe = [str(python), "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"]
        done = subprocess.run(probe, capture_output=True, text=True, check=False)
        if done.returncode == 0 and done.stdout.strip() == version:
            return python
    return None


def environment(version: str, python: Path) -> Path:
    """The interpreter of an environment that has what the tests need."""
    folder = ROOT / "build" / "pythons" / version
    stamp, wanted = folder / "ready", hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    inside = folder / "bin" / "python"
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python, "-m", "venv", folder], check=True)
        install = [inside, "-m", "pip", "install", "--quiet"]
        subprocess.run([*install, "--require-hashes", "--requirement", REQUIREMENTS], check=True)
        own = ["--no-deps", "--no-build-isolation", "--no-index", "--editable", ROOT]
        subprocess.run([*install, *own], check=True)
        stamp.write_text(wanted)
    return inside


def main(arguments: list[str]) -> int:
    """The number of versions on which a test failed; 1 if no version is here at all."""
    failed, ran = [], []
    for version in VERSIONS:
        python = found(version)
        if python is None:
            sys.stdout.write(f"Python {version} is not installed here: skipped\n")
            continue
        sys.stdout.write(f"Python {version}: {python}\n")
        sys.stdout.flush()
        ran.append(version)
        done = subprocess.run(
            [environment(version, python), "-m", "pytest", *arguments], cwd=ROOT, check=False
        )
        failed += [version] if done.returncode else []
    sys.stdout.write(f"tested on {', '.join(ran) or 'no Python'}; failed on {', '.join(failed) or 'none'}\n")
    return len(failed) if ran else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
