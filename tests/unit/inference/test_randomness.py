"""From a parameter to random numbers."""

import numpy as np
import pytest

from labelqa.errors import ParameterError
from labelqa.inference.randomness import random_generator


def test_a_seed_gives_the_same_numbers_and_a_generator_goes_on():
    assert random_generator(3).random() == random_generator(np.int64(3)).random()
    own = np.random.default_rng(0)
    assert random_generator(own) is own


@pytest.mark.parametrize("rng", ["a", -1, 1.5, True, None, [1, 2]])
def test_what_is_no_seed_is_refused(rng):
    with pytest.raises(ParameterError, match="is not a seed"):
        random_generator(rng)
