"""One guard, and the test that has to miss it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Guard:
    """`old` stands once in the file and is replaced by `new`; without a file, `old` is a constraint of the model `new`
    that a migration takes away. `test` is what has to fail then, the quickest that does."""

    name: str
    file: str
    old: str
    new: str
    test: str


def constraint(model: str, name: str, test: str) -> Guard:
    return Guard(name=f"constraint {name}", file="", old=name, new=model, test=test)
