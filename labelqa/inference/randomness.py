"""The one way from a parameter ``rng`` to random numbers."""

from __future__ import annotations

import numpy as np

from labelqa.errors import ParameterError, Problem, is_whole


def random_generator(rng: object, parameter: str = "rng") -> np.random.Generator:
    """Return the generator that `rng` is or seeds.

    Parameters
    ----------
    rng : int or numpy.random.Generator
        A seed from 0 on, or a generator, which is returned as it is.
    parameter : str
        Its name, for the message.

    Raises
    ------
    ParameterError
        If it is neither.
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if isinstance(rng, int | np.integer) and is_whole(rng, 0):
        return np.random.default_rng(int(rng))
    raise ParameterError(
        Problem(
            what=f"{parameter}={rng!r} is not a seed",
            parameter=parameter,
            value=rng,
            allowed=("a whole number from 0 on", "a numpy.random.Generator"),
        )
    )
