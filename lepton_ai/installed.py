"""Which distribution of Lepton is installed: all of it, or what serves one model."""

from importlib.metadata import PackageNotFoundError, version

from lepton_core.errors import Conflict, InvalidInput

WHOLE, LIGHT = "lepton-ai", "lepton-ai-serve"


def found() -> dict[str, str]:
    """The distributions that are installed, with their versions, the whole one first; none in a copied folder."""
    named = {}
    for name in (WHOLE, LIGHT):
        try:
            named[name] = version(name)
        except PackageNotFoundError:
            continue
    return named


def demand_one() -> None:
    """Raise `Conflict` if two versions share their files: nobody knows then which file is of which."""
    here = found()
    if len(set(here.values())) > 1:
        both = " and ".join(f"{name} {number}" for name, number in here.items())
        raise Conflict(f"{both} write the same files; remove both, and install one of them")


def not_in_light(error: BaseException) -> BaseException:
    """``error``, or, where a library is absent because only the light distribution is there, an error that says so."""
    if not isinstance(error, ModuleNotFoundError) or list(found()) != [LIGHT]:
        return error
    text = f"{LIGHT} serves a model and predicts with its file; for all else install {WHOLE} in its place"
    return InvalidInput(f"{text} ({error.name} is not there)")
