"""Logistic regression by Newton's method: no dependency but numpy, no chance, the same weights each time."""

import numpy as np

from feedback.understanding.fusion import softmax

STEPS = 30
SETTLED = 1e-6


def with_one(x: np.ndarray) -> np.ndarray:
    """The rows with a column of ones for the intercept."""
    return np.hstack([x, np.ones((len(x), 1))])


def fit(x: np.ndarray, y: np.ndarray, *, penalty: float) -> np.ndarray:
    """Weights (columns + 1, classes) of a softmax regression of the one-hot or soft labels `y` on `x`.

    The last row is the intercept, which alone is not penalised; `penalty` is that of the squared weights, halved.
    """
    rows = with_one(np.asarray(x, np.float64))
    many, classes = rows.shape[1], y.shape[1]
    ridge = np.full(many, penalty)
    ridge[-1] = 1e-4
    solution = np.zeros((many, classes))
    for _step in range(STEPS):
        p = softmax(rows @ solution)
        slope = rows.T @ (p - y) + ridge[:, None] * solution
        step = np.linalg.solve(curvature(rows, p, ridge), slope.T.reshape(-1)).reshape(classes, many).T
        solution -= step
        if np.abs(step).max() < SETTLED:
            break
    return solution


def curvature(rows: np.ndarray, p: np.ndarray, ridge: np.ndarray) -> np.ndarray:
    """The matrix of second derivatives, a block for each pair of classes."""
    many, classes = rows.shape[1], p.shape[1]
    matrix = np.zeros((many * classes, many * classes))
    for first in range(classes):
        for second in range(first, classes):
            bend = p[:, first] * ((first == second) - p[:, second])
            block = (rows * bend[:, None]).T @ rows
            matrix[first * many : (first + 1) * many, second * many : (second + 1) * many] = block
            matrix[second * many : (second + 1) * many, first * many : (first + 1) * many] = block
    matrix[np.diag_indices_from(matrix)] += np.tile(ridge, classes)
    return matrix
