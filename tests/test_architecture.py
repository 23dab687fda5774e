"""The house rules, checked on the code itself: rooms, layers, names, sizes and what must never be written."""

import ast
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ["ground", "surveys", "feedback", "analytics", "config"]
# Parts that know nothing of their room.
PURE = {"questions", "understanding", "prepared", "quick", "request_ids"}
# The formulas of the metrics, in analytics: numbers in, numbers out, standard library only.
FORMULAS = {
    "scores", "intervals", "distributions", "comparisons", "sample_size", "quantiles", "periods", "nonresponse",
    "repeated_answers", "survival", "waiting", "service_levels", "resolution", "volume", "staffing", "repeat_contacts",
    "complaints", "churn", "competence", "tone", "topic_tone", "linear", "drivers", "emerging", "emerging_words",
    "trends", "series", "monitoring", "control_charts",
}  # fmt: skip
DOORS = {"intake", "sending", "settlement", "rejudging", "matching"}
EDGES = {"views", "page", "api", "admin", "forms", "urls", "management"}
BANNED_NAMES = {"services", "utils", "helpers", "common", "signals", "managers", "misc", "core"}
TOP = set(ROOMS) | {
    "templates", "tests", "static", "locale", "docs", "bench", "deploy", "manage.py", "requirements.txt", "README.md",
    "requirements.in", "requirements-embedding.txt", "requirements-dev.in", "requirements-dev.txt", "pyproject.toml",
    "Makefile", "CHANGELOG.md", "LICENSE",
    "NOTICE", "SECURITY.md", ".env.example", ".gitignore", ".gitattributes", ".ci", ".dockerignore",
}  # fmt: skip
MOST_LINES, MOST_FUNCTION_LINES, MOST_TASK_LINES = 400, 40, 10


@cache
def sources() -> list[Path]:
    return [
        path
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        if "migrations" not in path.parts and "__pycache__" not in path.parts
    ]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


def layer(path: Path) -> str:
    """The part of its room that a file belongs to: its first folder or its own name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if len(parts) > 1 else ""


def imports(path: Path) -> set[str]:
    """Every module named by an import statement anywhere in the file, functions and branches included."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def strings(path: Path) -> set[str]:
    return {
        node.value for node in ast.walk(tree(path)) if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def calls(path: Path) -> list[ast.Call]:
    return [node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)]


def called(node: ast.Call) -> str:
    return ast.unparse(node.func)


def each(check) -> None:
    faults = [f"{name(path)}: {fault}" for path in sources() for fault in check(path)]
    assert not faults, "\n".join(faults)


def test_a_room_imports_only_those_on_its_left() -> None:
    def check(path: Path):
        higher = ROOMS[ROOMS.index(room(path)) + 1 :]
        return [module for module in imports(path) if module.split(".")[0] in higher]

    each(check)


def test_no_room_names_a_higher_room_in_a_string() -> None:
    """String foreign keys, get_model and dotted paths count as imports; only settings wire the rooms together."""

    def check(path: Path):
        higher = ROOMS[ROOMS.index(room(path)) + 1 :]
        pattern = re.compile(rf"^({'|'.join(higher)})\.\w+[\w.]*$") if higher else None
        return [text for text in strings(path) if pattern and pattern.match(text)]

    each(check)


def test_layers_inside_a_room() -> None:
    """models <- domain <- doors <- tasks | views, api, admin, forms, urls, commands."""

    def rank(part: str) -> int:
        if part in PURE:
            return -1
        return 0 if part == "models" else 2 if part in DOORS else 3 if part in EDGES | {"tasks"} else 1

    def check(path: Path):
        own = rank(layer(path))
        for module in imports(path):
            parts = module.split(".")
            if room(path) == "config" or parts[0] != room(path) or len(parts) < 2:
                continue
            if rank(parts[1]) > own and layer(path) not in ("", "apps", "__init__"):
                yield f"{layer(path)} imports {module}"
            if {layer(path), parts[1]} in ({"tasks", "views"}, {"tasks", "api"}, {"tasks", "admin"}):
                yield f"{layer(path)} imports {module}"

    each(check)


def test_what_the_pure_parts_must_not_know() -> None:
    def check(path: Path):
        pure = name(path).startswith(("feedback/understanding/", "surveys/questions/"))
        pure = pure or name(path) in ("surveys/eligibility.py", "ground/working_time.py")
        pure = pure or name(path) in ("feedback/themes/chance.py", "feedback/themes/phrases.py")
        pure = pure or (room(path) == "analytics" and path.stem in FORMULAS)
        banned = ("django.db", "celery", "django.conf", "rest_framework", "scipy")
        if not name(path).startswith("feedback/understanding/"):  # its student; tests see to it that it loads late
            banned += ("numpy",)
        return [module for module in imports(path) if pure and module.startswith(banned)]

    each(check)


def test_names_say_what_is_known() -> None:
    each(lambda path: [path.stem] if path.stem in BANNED_NAMES else [])


def test_files_and_functions_fit_on_a_screen() -> None:
    def check(path: Path):
        length = path.read_text(encoding="utf-8").count("\n")
        if length > MOST_LINES:
            yield f"{length} lines"
        for node in functions(path):
            if lines(node) > MOST_FUNCTION_LINES:
                yield f"{node.name} has {lines(node)} lines"

    each(check)


def test_a_task_is_a_doorbell() -> None:
    each(
        lambda path: (
            [f"{node.name} has {lines(node)} lines" for node in functions(path) if lines(node) > MOST_TASK_LINES]
            if path.name == "tasks.py"
            else []
        )
    )


def test_only_ticks_ring_and_nothing_is_scheduled_in_the_broker() -> None:
    def check(path: Path):
        for node in calls(path):
            method = called(node).rsplit(".", 1)[-1]
            if method in ("delay", "apply_async", "send_task") and path.name not in ("tasks.py", "ticking.py"):
                yield f"line {node.lineno}: {called(node)} outside a tick"
            if method == "apply_async" and {word.arg for word in node.keywords} & {"eta", "countdown"}:
                yield f"line {node.lineno}: time is a column"

    each(check)


def test_customer_text_is_never_marked_safe() -> None:
    def check(path: Path):
        return [
            f"line {node.lineno}"
            for node in calls(path)
            if called(node).rsplit(".", 1)[-1] in ("mark_safe", "SafeString")
        ]

    each(check)
    for template in [*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.mjml")]:
        text = template.read_text(encoding="utf-8")
        assert "|safe" not in text, template
        assert "autoescape off" not in text, template


def test_no_pattern_is_made_of_what_users_type() -> None:
    """Regular expressions are ours: constants, or parts named by constants and such as are escaped."""

    def is_ours(node: ast.expr) -> bool:
        if isinstance(node, ast.JoinedStr):
            return all(is_ours(part.value) for part in node.values if isinstance(part, ast.FormattedValue))
        text = ast.unparse(node)
        return isinstance(node, ast.Constant) or text.split(".")[-1].isupper() or "re.escape" in text

    def check(path: Path):
        methods = {f"re.{method}" for method in ("compile", "search", "match", "fullmatch", "sub", "split", "findall")}
        return [f"line {node.lineno}" for node in calls(path) if called(node) in methods and not is_ours(node.args[0])]

    each(check)


# Whose rows are a team's. Functions of the desk and the API that name one of these know of a scope, or stand here.
OF_TEAMS = {
    "Interaction", "Invitation", "Decision", "Message", "Customer", "Agent", "Pause", "Skip", "Link", "Response",
    "Comment", "Label", "CommentTopic", "CommentTag", "Touch", "Note", "Exclusion", "Job", "SavedView", "Team",
}  # fmt: skip
NARROWED = {
    "surveys/admin/pauses.py end_chosen": "keys of rows that the page listed",
    "surveys/admin/rule_tryout.py _reasons": "keys that a trial of the whole organisation found",
    "surveys/admin/rule_tryout.py _most": "keys that a trial of the whole organisation found",
    "feedback/admin/bulk.py _begun": "the job that this request began",
    "feedback/admin/cards.py _people": "keys of comments that a lane gave out within the scope",
    "feedback/admin/keeping.py own": "by owner",
    "feedback/admin/listing.py _last": "teams of the scope",
    "feedback/admin/pages.py comments": "a start that its callers narrow",
    "feedback/admin/pages.py responses": "a start that its callers narrow",
    "feedback/admin/pages.py whole_comments": "a start that its callers narrow",
    "feedback/admin/review.py _page": "texts of answers that were narrowed before",
    "feedback/admin/story.py _touches": "of an invitation that was opened within the scope",
    "feedback/admin/tagging.py get_deleted_objects": "how many lose a tag that belongs to all",
    "feedback/admin/told.py of": "of rows that were narrowed before",
    "feedback/admin/told.py _exclusions": "of rows that were narrowed before",
    "feedback/admin/told.py _labels": "of rows that were narrowed before",
    "feedback/admin/told.py _topics": "of rows that were narrowed before",
    "feedback/admin/topic_acts.py apply": "how many there are, for managers of the whole organisation",
    "feedback/admin/wholly.py others": "of an answer that was opened within the scope",
    "analytics/api/views.py _names": "keys of counts that were narrowed before",
    "analytics/views/agents.py own": "by the person's own log-in",
}


def test_the_desk_and_the_api_reach_rows_of_teams_through_a_scope() -> None:
    found = set()
    for path in sources():
        if layer(path) not in ("admin", "api") and not name(path).startswith("analytics/views/"):
            continue
        for function in functions(path):
            source = ast.unparse(function)
            named = {node.value.id for node in ast.walk(function)
                     if isinstance(node, ast.Attribute) and node.attr in ("objects", "_default_manager")
                     and isinstance(node.value, ast.Name)}  # fmt: skip
            if named & OF_TEAMS and not re.search(r"scope|visible|get_queryset|writer", source):
                found.add(f"{name(path)} {function.name}")
    assert found == set(NARROWED)


def test_a_log_line_is_filled_in_behind_the_filter_and_names_no_secret() -> None:
    """The filter masks the values of a line; what was put together before may be too much for it to know."""
    log = re.compile(r"(log|logger|logging)\.(debug|info|warning|error|exception|critical|log)$")

    def check(path: Path):
        for node in calls(path):
            if log.match(called(node)):
                if not isinstance(node.args[0], ast.Constant):
                    yield f"line {node.lineno}: built before it is logged"
                told = [ast.unparse(value).split(".")[-1] for value in node.args[1:]]
                if secret := {"token", "secret", "key", "email", "phone", "address", "text"} & set(told):
                    yield f"line {node.lineno}: {secret}"

    each(check)


def test_every_pin_has_its_hashes_and_every_requirement_its_pin() -> None:
    for lock in ("requirements.txt", "requirements-dev.txt"):
        pins = re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n", "", (ROOT / lock).read_text(encoding="utf-8")).strip())
        assert [
            pin for pin in pins if not re.match(r"[\w.\[\]-]+==\S+.*--hash=sha256:[0-9a-f]{64}", pin, re.DOTALL)
        ] == []
        pinned = {re.split(r"==|\[", pin)[0].lower().replace("_", "-") for pin in pins}
        wanted = re.findall(r"(?m)^([A-Za-z][\w.-]*)", (ROOT / lock).with_suffix(".in").read_text(encoding="utf-8"))
        assert {one.lower() for one in wanted} <= pinned


def test_no_signals_of_ours() -> None:
    each(
        lambda path: [
            module for module in imports(path) if module.startswith(("django.dispatch", "django.db.models.signals"))
        ]
    )


def test_nothing_compares_a_token_as_text() -> None:
    """Tokens are found by an indexed hash: a comparison would tell by its time how much was right."""

    def check(path: Path):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
                sides = [ast.unparse(side) for side in (node.left, *node.comparators)]
                if any(re.fullmatch(r"[\w.]*(token|secret|edit_key)", side) for side in sides):
                    yield f"line {node.lineno}: {ast.unparse(node)}"

    each(check)


def test_outgoing_calls_go_through_one_guarded_client() -> None:
    clients = ("requests", "urllib.request", "http.client", "httpx", "aiohttp", "urllib3")
    # The client itself, and the supervisor that asks its own web server whether it answers.
    may = ("ground/outbound.py", "config/up/processes.py")
    each(lambda path: [module for module in imports(path) if module.startswith(clients) and name(path) not in may])


def test_foreign_keys_to_another_room_stay_invisible_there() -> None:
    from django.apps import apps

    for model in (model for model in apps.get_models() if model._meta.app_label in ROOMS):
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if not target or field.auto_created or not hasattr(target, "_meta"):
                continue
            if target._meta.app_label in ROOMS and target._meta.app_label != model._meta.app_label:
                assert field.remote_field.related_name in ("+", None) or field.remote_field.related_name.endswith(
                    "+"
                ), field


def test_every_constraint_and_index_is_reachable_under_its_room() -> None:
    from django.apps import apps

    for model in (model for model in apps.get_models() if model._meta.app_label in ROOMS):
        for item in [*model._meta.constraints, *model._meta.indexes]:
            assert item.name.startswith(model._meta.app_label), item.name


def test_the_top_level_stays_small() -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    strangers = {path.split("/")[0] for path in tracked if path} - TOP
    assert not strangers


@pytest.mark.parametrize("pattern", [r"/work/\w", r"\.\./shared", r"r-seed", "/root/", r"pypi\.(?!org)"])
def test_the_repository_names_no_machine(pattern: str) -> None:
    for path, text in written():
        assert not re.search(pattern, text), path


@cache
def written() -> list[tuple[str, str]]:
    """What the repository holds but for this file, with the names of its files."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    own = Path(__file__).resolve().relative_to(ROOT).as_posix()
    return [
        (path, (ROOT / path).read_text(encoding="utf-8", errors="ignore"))
        for path in tracked
        if path
        and path != own
        and (ROOT / path).is_file()
        and (ROOT / path).suffix in (".py", ".md", ".html", ".txt", ".toml", ".css", ".js", "")
    ]
