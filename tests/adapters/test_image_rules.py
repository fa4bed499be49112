"""Long runs are found by samples, and they are those that a look at every pixel finds."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from supplier.adapters.image_geometry import Grey, runs_across, runs_down


def page(seed: int, *, share: float) -> Grey:
    """Noise with bars of every length, some of them touching an edge."""
    draw = np.random.default_rng(seed)
    height, width = (int(side) for side in draw.integers(60, 320, 2))
    dark = (draw.random((height, width)) < share).astype(np.uint8) * 255
    for _ in range(12):
        top, left = int(draw.integers(0, height)), int(draw.integers(-40, width))
        size = int(draw.integers(5, 160))
        if draw.random() < 0.5:
            dark[top : top + 2, max(0, left) : left + size] = 255
        else:
            dark[max(0, top - 20) : top + size, max(0, left) : left + 3] = 255
    return np.asarray(dark, np.uint8)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.6, 0.95, 1.0])
@pytest.mark.parametrize("length", [1, 2, 8, 9, 17, 40, 97])
def test_the_runs_are_those_of_a_look_at_every_pixel(share: float, length: int) -> None:
    for seed in range(12):
        dark = page(seed, share=share)
        across = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
        down = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
        assert np.array_equal(runs_across(dark, length), across)
        assert np.array_equal(runs_down(dark, length), down)
