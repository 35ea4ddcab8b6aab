"""What is uploaded: bytes in memory, or those of a large file that are not kept beside its columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from lepton_core.errors import InvalidInput

LARGE = 32 * 2**20
"""Of a file of more bytes a `Content` keeps none."""

_PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class Content:
    """``size`` bytes of that ``digest``: those ``held``, or those of the file at ``path``, if it is still the same.

    Or those of ``both`` of two files, one behind the other.
    """

    digest: str
    size: int
    held: bytes | None
    path: Path | None = None
    both: "tuple[Content, Content] | None" = None

    @classmethod
    def of(cls, data: bytes, path: str | Path | None = None) -> "Content":
        """``data``, which is in the file at ``path`` if there is one.

        >>> Content.of(b"a,b").read()
        b'a,b'
        """
        is_in_file = path is not None and len(data) > LARGE and Path(path).is_file()
        if not is_in_file or path is None:
            return cls(digest_of(data), len(data), data)
        return cls(digest_of(data), len(data), None, Path(path).absolute())

    @classmethod
    def joined(cls, first: "Content", second: "Content") -> "Content":
        """The bytes of two files, one behind the other.

        >>> Content.joined(Content.of(b"a,b"), Content.of(b"c,d")).read()
        b'a,bc,d'
        """
        found = sha256()
        for one in (first, second):
            for piece in one.pieces():
                found.update(piece)
        both = (first, second)
        return cls(f"sha256:{found.hexdigest()}", first.size + second.size, None, both=both)

    def read(self) -> bytes:
        """The bytes. Raises `InvalidInput` if the file is not what it was."""
        if self.held is not None:
            return self.held
        if self.both is not None:
            return b"".join(one.read() for one in self.both)
        assert self.path is not None  # noqa: S101  (see `of`)
        data = file_content(self.path)
        self.demand_same(digest_of(data))
        return data

    def pieces(self) -> Iterator[bytes]:
        """The bytes, some at a time; whoever takes them has to ask `demand_same` at the end."""
        if self.path is None:
            yield self.read()
            return
        try:
            with self.path.open("rb") as file:
                while piece := file.read(_PIECE_BYTES):
                    yield piece
        except OSError as error:
            raise _unreadable(self.path, error) from None

    def demand_same(self, digest: str) -> None:
        """Raise `InvalidInput` if the bytes that were read, of that ``digest``, are others than before."""
        if digest != self.digest:
            again = f"Data.from_file({str(self.path)!r})"
            raise InvalidInput(f"{self.path} was changed since it was read; read it again: {again}")


def digest_of(data: bytes) -> str:
    """As `lepton_core.artifact.digest`, which loads numpy."""
    return f"sha256:{sha256(data).hexdigest()}"


def file_content(path: str | Path) -> bytes:
    """The bytes of a file; `InvalidInput` says why it cannot be read."""
    if not isinstance(path, (str, Path)):
        raise InvalidInput(f"needs the path of a file, not {type(path).__name__}", field="path")
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None
    except ValueError:  # a NUL in it
        raise InvalidInput(f"no file can be called {str(path)[:80]!r}", field="path") from None


def _unreadable(path: str | Path, error: OSError) -> InvalidInput:
    if isinstance(error, FileNotFoundError):
        return InvalidInput(f"no such file: {path} (looked in {Path.cwd()})")
    return InvalidInput(f"cannot read {path}: {error.strerror}")
