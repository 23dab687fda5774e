"""Training a small convolution over a word table, such as the student's second branch, by Adam with its gradients in
full."""

from collections.abc import Callable, Sequence

import numpy as np

from feedback.understanding.fusion import TONES, softmax
from feedback.understanding.student import UNKNOWN, forward

FILTERS, HIDDEN = 128, 64
ROUNDS, BATCH = 12, 192
RATE, TABLE_RATE = 2e-3, 4e-4
DROPPED = 0.2
Layers = dict[str, np.ndarray]
Slopes = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def begin(size: int, outputs: int, die: np.random.Generator, widths: tuple[int, int]) -> Layers:
    """Layers before training, with so many filters and so many hidden sums."""
    filters, hidden = widths
    shapes = {
        "conv": (3 * size, filters), "hidden": (2 * filters, hidden), "out": (hidden, outputs), "skip": (size, outputs)
    }  # fmt: skip
    layers = {name: die.normal(0, (2 / shape[0]) ** 0.5, shape) for name, shape in shapes.items()}
    layers["skip"] *= 0.3
    biases = {"conv_bias": filters, "hidden_bias": hidden, "out_bias": outputs}
    layers |= {name: np.zeros(width) for name, width in biases.items()}
    return {name: layer.astype(np.float32) for name, layer in layers.items()}


def slopes(told: np.ndarray, target: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The gradient of squared errors, and for the tones of the cross-entropy with the teacher's probabilities too."""
    slope = (told - target) * 0.5
    tones = len(TONES)
    slope[:, :tones] += softmax(told[:, :tones]) - softmax(target[:, :tones])
    return np.asarray(slope * (weights / weights.sum())[:, None], np.float32)


def of_each(told: np.ndarray, target: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The gradient where each output is a yes or no of its own, and its target how likely the yes is."""
    return np.asarray((1 / (1 + np.exp(-told)) - target) * (weights / weights.sum())[:, None], np.float32)


def backward(
    vectors: np.ndarray, filled: np.ndarray, layers: Layers, target: np.ndarray, weights: np.ndarray,
    slopes: Slopes = slopes,
) -> tuple[Layers, np.ndarray]:  # fmt: skip
    """The gradients of all layers and of the vectors that went in."""
    (count, length, size), filters = vectors.shape, layers["conv"].shape[1]
    windows = np.concatenate([vectors[:, :-2], vectors[:, 1:-1], vectors[:, 2:]], axis=2).reshape(-1, 3 * size)
    inside = filled[:, 1:-1, None].astype(np.float32)
    acted = np.maximum(windows @ layers["conv"] + layers["conv_bias"], 0).reshape(count, length - 2, -1) * inside
    n = np.maximum(inside.sum(axis=1), 1)
    best = acted.argmax(axis=1)
    pooled = np.concatenate([np.take_along_axis(acted, best[:, None], axis=1)[:, 0], acted.sum(axis=1) / n], axis=1)
    mean = (vectors[:, 1:-1] * inside).sum(axis=1) / n
    hidden = np.maximum(pooled @ layers["hidden"] + layers["hidden_bias"], 0)
    told = hidden @ layers["out"] + mean @ layers["skip"] + layers["out_bias"]
    back = slopes(told, target, weights)
    grown = {"out": hidden.T @ back, "skip": mean.T @ back, "out_bias": back.sum(axis=0)}
    to_hidden = (back @ layers["out"].T) * (hidden > 0)
    grown |= {"hidden": pooled.T @ to_hidden, "hidden_bias": to_hidden.sum(axis=0)}
    to_pooled = to_hidden @ layers["hidden"].T
    to_acted = np.repeat((to_pooled[:, filters:] / n)[:, None], length - 2, axis=1) * inside
    rows, columns = np.indices(best.shape)
    to_acted[rows, best, columns] += to_pooled[:, :filters]
    to_acted = (to_acted * (acted > 0)).reshape(-1, filters)
    grown |= {"conv": windows.T @ to_acted, "conv_bias": to_acted.sum(axis=0)}
    to_windows = (to_acted @ layers["conv"].T).reshape(count, length - 2, 3, size)
    to_vectors = np.zeros_like(vectors)
    for shift in range(3):
        to_vectors[:, shift : length - 2 + shift] += to_windows[:, :, shift]
    to_vectors[:, 1:-1] += (back @ layers["skip"].T / n)[:, None] * inside
    return grown, to_vectors


class Adam:
    """Kingma and Ba 2015; the moments of each array by its name."""

    def __init__(self) -> None:
        self.first: Layers = {}
        self.second: Layers = {}
        self.step = 0

    def move(self, name: str, array: np.ndarray, slope: np.ndarray, rate: float) -> None:
        """Change an array in place against its slope."""
        first = self.first.setdefault(name, np.zeros_like(array))
        second = self.second.setdefault(name, np.zeros_like(array))
        first += 0.1 * (slope - first)
        second += 0.001 * (slope * slope - second)
        reach = rate * (1 - 0.999**self.step) ** 0.5 / (1 - 0.9**self.step)
        array -= reach * first / (np.sqrt(second) + 1e-8)


def batches(lengths: np.ndarray, die: np.random.Generator) -> list[np.ndarray]:
    """Places of texts of about the same length together, the batches in any order."""
    order = np.argsort(lengths + die.random(len(lengths)) * 3, kind="stable")
    cut = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    return [cut[at] for at in die.permutation(len(cut))]


def fit(
    texts: Sequence[list[int]], table: np.ndarray, targets: np.ndarray, weights: np.ndarray, *,
    seed: int = 1, slopes: Slopes = slopes, widths: tuple[int, int] = (FILTERS, HIDDEN), moves_table: bool = True,
    level: np.ndarray | float = 0.0, rate: float = RATE, rounds: int | None = None,
    dropped: float = DROPPED,
) -> tuple[np.ndarray, Layers]:  # fmt: skip
    """The word table and the layers after training on texts as rows of the table, which may have to stay as it is.

    `level` is what is said of a text of which nothing is known.
    """
    die = np.random.default_rng(seed)
    table = table.astype(np.float32).copy()
    layers = begin(table.shape[1], targets.shape[1], die, widths)
    layers["out_bias"] += level
    adam = Adam()
    lengths = np.array([len(rows) for rows in texts])
    rounds = rounds or ROUNDS
    total = rounds * (len(texts) // BATCH + 1)
    for _round in range(rounds):
        for batch in batches(lengths, die):
            adam.step += 1
            easing = max(0.05, 1 - adam.step / total)
            places = np.zeros((len(batch), max(1, lengths[batch].max()) + 2), np.int32)
            for at, text in enumerate(batch):
                places[at, 1 : lengths[text] + 1] = texts[text]
            places[(die.random(places.shape) < dropped) & (places > 0)] = UNKNOWN
            grown, to_vectors = backward(table[places], places > 0, layers, targets[batch], weights[batch], slopes)
            for name, slope in grown.items():
                adam.move(name, layers[name], slope, rate * easing)
            if not moves_table:
                continue
            used, where = np.unique(places, return_inverse=True)
            slope = np.zeros((len(used), table.shape[1]), np.float32)
            np.add.at(slope, where.reshape(-1), to_vectors.reshape(-1, table.shape[1]))
            move_rows(adam, table, used, slope, TABLE_RATE * easing)
    return table, layers


def together(several: Sequence[Layers]) -> Layers:
    """Layers that say the mean of what several say."""
    filters, hidden = several[0]["conv"].shape[1], several[0]["hidden"].shape[1]
    count, found = len(several), {}
    for name in ("conv", "conv_bias", "hidden_bias"):
        found[name] = np.concatenate([each[name] for each in several], axis=-1)
    found["hidden"] = np.zeros((2 * count * filters, count * hidden), np.float32)
    for at, each in enumerate(several):
        own = slice(at * hidden, (at + 1) * hidden)
        for half in range(2):  # first what is largest of all filters, then what is their mean
            start = (half * count + at) * filters
            found["hidden"][start : start + filters, own] = each["hidden"][half * filters : (half + 1) * filters]
    found["out"] = np.concatenate([each["out"] for each in several]) / count
    for name in ("skip", "out_bias"):
        found[name] = np.mean([each[name] for each in several], axis=0)
    return found


def move_rows(adam: Adam, table: np.ndarray, used: np.ndarray, slope: np.ndarray, rate: float) -> None:
    """Adam for the rows of the table that a batch used; the padding stays nothing."""
    first = adam.first.setdefault("table", np.zeros_like(table))
    second = adam.second.setdefault("table", np.zeros_like(table))
    first[used] += 0.1 * (slope - first[used])
    second[used] += 0.001 * (slope * slope - second[used])
    reach = rate * (1 - 0.999**adam.step) ** 0.5 / (1 - 0.9**adam.step)
    table[used] -= reach * first[used] / (np.sqrt(second[used]) + 1e-8)
    table[0] = 0


def told(texts: Sequence[list[int]], table: np.ndarray, layers: Layers) -> np.ndarray:
    """What the branch says of texts, one by one in batches of equal length."""
    lengths = np.array([len(rows) for rows in texts])
    said = np.zeros((len(texts), layers["out"].shape[1]), np.float32)
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(order), BATCH):
        batch = order[start : start + BATCH]
        places = np.zeros((len(batch), max(1, lengths[batch].max()) + 2), np.int32)
        for at, text in enumerate(batch):
            places[at, 1 : lengths[text] + 1] = texts[text]
        said[batch] = forward(table[places], places > 0, layers)
    return said
