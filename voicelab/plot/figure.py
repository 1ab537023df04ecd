"""What a plot function returns: a picture that says in words what it shows."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from matplotlib.figure import Figure

from voicelab.errors import InputError
from voicelab.plot import style

_SAVED_DPI = 200


class Plot:
    """A drawn figure.

    Its `repr` is a digest of the data, so that a notebook whose numbers change is
    seen to change; a notebook shows the picture beside it.

    Args:
        figure: the drawing.
        digest: kind and numbers, such as `Timeline turns=6`.
    """

    def __init__(self, figure: Figure, digest: str) -> None:
        self.figure = figure
        self._digest = digest

    def save(self, path: Path | str, *, dpi: int = _SAVED_DPI) -> Path:
        """Write the picture; the ending of the name says in which format.

        Raises:
            InputError: the file cannot be written, or its ending is not known.
        """
        file = Path(path)
        try:
            with style.context():
                self.figure.savefig(file, dpi=dpi)
        except (OSError, ValueError) as error:
            raise InputError(
                f"the figure cannot be saved ({error})",
                file=file,
                fix="name a .png, .pdf or .svg file in a folder that exists",
            ) from error
        return file

    def __repr__(self) -> str:
        return f"<{self._digest}>"

    def _repr_png_(self) -> bytes:
        picture = BytesIO()
        with style.context():
            self.figure.savefig(picture, format="png", dpi=style.SCREEN_DPI)
        return picture.getvalue()
