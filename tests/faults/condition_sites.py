"""Where the code makes conditions. Read from the source, so that there is no list that somebody has to keep."""

import ast
import gc
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
HELPERS = ROOT / "layers" / "core" / "python" / "microintern" / "adapters" / "dynamo.py"
EXPRESSION = "ConditionExpression"
SHORT = "Condition"
"""What `dynamo.expressions` calls it."""

CALLED = "_at_condition"
"""The name under which a module finds the function that every condition passes through."""

GIVEN = ""
"""Stands for a condition that the caller of a helper gives."""


class Unclear(Exception):
    """A condition is made in a way in which nothing can take it away; the check would pass over it."""


@dataclass(frozen=True)
class Condition:
    """One condition in the source. Its line is for readers; it is known by its place within its function."""

    path: str
    function: str
    ordinal: int
    line: int
    text: str

    @property
    def condition_id(self) -> str:
        """What it is known by, which an edit elsewhere in the file leaves as it is."""
        return f"{self.path}:{self.function}:{self.ordinal}"

    def __str__(self) -> str:
        return f"{self.path}:{self.line} ({self.function}): {self.text}"


@dataclass(frozen=True)
class Helper:
    """A function that makes a write on a condition: its own, its caller's, or one of several by way of others."""

    texts: tuple[str, ...]
    parameters: tuple[str, ...]


def parsed(source: str) -> ast.Module:
    """Parsed while the collector rests: what Hypothesis hangs on it upsets this parser (python/cpython#106905)."""
    gc.disable()
    try:
        return ast.parse(source)
    finally:
        gc.enable()


def helpers_in(source: str) -> dict[str, Helper]:
    """The functions of a module that make conditional writes, also those that leave it to another one of them."""
    functions = [node for node in parsed(source).body if isinstance(node, ast.FunctionDef)]
    found: dict[str, Helper] = {}
    while True:
        made = {node.name: helper for node in functions if (helper := _helper(node, found)).texts}
        if made == found:
            return found
        found = made


def _helper(function: ast.FunctionDef, known: Mapping[str, Helper]) -> Helper:
    parameters = tuple(argument.arg for argument in [*function.args.args, *function.args.kwonlyargs])
    texts: list[str] = []
    for node in sorted(ast.walk(function), key=_place):
        texts += [_text(value, parameters) for value in _own_conditions(node)]
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known:
            texts += _texts_of(known[node.func.id], node, parameters)
    if len(texts) > 1 and (GIVEN in texts or len(set(texts)) < len(texts)):
        raise Unclear(f"the conditions of {function.name} cannot be told apart")
    return Helper(tuple(texts), parameters)


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _own_conditions(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call):
        yield from (word.value for word in node.keywords if word.arg in (SHORT, EXPRESSION))
    if isinstance(node, ast.Dict):
        yield from (value for key, value in zip(node.keys, node.values, strict=True) if _is(key, SHORT, EXPRESSION))


def _is(node: ast.expr | None, *texts: str) -> bool:
    return isinstance(node, ast.Constant) and node.value in texts


def _text(value: ast.expr, parameters: tuple[str, ...] = ()) -> str:
    if isinstance(value, ast.Constant):
        return str(value.value)
    return GIVEN if isinstance(value, ast.Name) and value.id in parameters else ast.unparse(value)


def _texts_of(helper: Helper, call: ast.Call, parameters: tuple[str, ...] = ()) -> list[str]:
    """A helper's conditions as this call makes them."""
    given = dict(zip(helper.parameters, call.args, strict=False)) | {word.arg: word.value for word in call.keywords}
    value = given.get("condition")
    return [_text(value, parameters) if text == GIVEN and value else text for text in helper.texts]


class _Module(ast.NodeTransformer):
    """Finds a module's conditions, and has each pass through a function that can watch it or take it away."""

    def __init__(self, path: str, tree: ast.Module, helpers: Mapping[str, Helper]) -> None:
        self.found: list[Condition] = []
        self._path = path
        self._helpers = helpers
        self._scope: list[str] = []
        self._count: Counter[str] = Counter()
        self._modules, self._names = _imported(tree)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._within(node.name, node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._within(node.name, node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._within(node.name, node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        named = self._helper_named(node.func)
        words = {word.arg: _text(word.value) for word in node.keywords}
        texts = _texts_of(self._helpers[named], node) if named in self._helpers else []
        if not texts:
            self.generic_visit(node)
            return (
                self._watched(node, [words[SHORT]]) if named == "expressions" and SHORT in words else self._call(node)
            )
        node.args = [self.visit(argument) for argument in node.args]
        node.keywords = [self.visit(word) for word in node.keywords]
        node.func = self._watched(node.func, texts)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return self._reference(node)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._reference(node)

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        texts = [_text(value) for key, value in zip(node.keys, node.values, strict=True) if _is(key, EXPRESSION)]
        node.keys = [key if key is None or _is(key, EXPRESSION) else self.visit(key) for key in node.keys]
        node.values = [self.visit(value) for value in node.values]
        return self._watched(node, texts) if texts else node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if node.value == EXPRESSION or (node.value == SHORT and self._modules):
            raise Unclear(f"{self._path}:{node.lineno} makes a condition in a way that this check cannot take away")
        return node

    def _call(self, node: ast.Call) -> ast.Call:
        """A call that is given a condition by itself is given a request instead."""
        texts = [_text(word.value) for word in node.keywords if word.arg == EXPRESSION]
        if texts:
            request = ast.copy_location(ast.Call(ast.Name("dict", ast.Load()), [], node.keywords), node)
            node.keywords = [ast.keyword(None, self._watched(request, texts))]
        return node

    def _within(self, name: str, node: ast.AST) -> ast.AST:
        self._scope.append(name)
        self.generic_visit(node)
        self._scope.pop()
        return node

    def _helper_named(self, node: ast.expr) -> str:
        """The function of the helpers' module that an expression names, or nothing."""
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in self._modules:
            return node.attr
        return self._names.get(node.id, "") if isinstance(node, ast.Name) else ""

    def _reference(self, node: ast.Attribute | ast.Name) -> ast.AST:
        """A helper that is named and called elsewhere."""
        helper = self._helpers.get(self._helper_named(node))
        if helper is None or not isinstance(node.ctx, ast.Load):
            return self.generic_visit(node)
        return self._watched(node, [text or "given where it is called" for text in helper.texts])

    def _watched(self, node: ast.expr, texts: list[str]) -> ast.expr:
        function = ".".join(self._scope) or "<module>"
        here: list[Condition] = []
        for text in texts:
            self._count[function] += 1
            here.append(Condition(self._path, function, self._count[function], node.lineno, text))
        self.found += here
        known = ast.parse(repr(tuple((it.condition_id, it.text) for it in here)), mode="eval").body
        return ast.copy_location(ast.Call(ast.Name(CALLED, ast.Load()), [known, node], []), node)


def _imported(tree: ast.Module) -> tuple[set[str], dict[str, str]]:
    """What the helpers' module is called in another one, and what its functions are called there."""
    modules: set[str] = set()
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.asname or alias.name for alias in node.names if _last(alias.name) == HELPERS.stem}
        elif isinstance(node, ast.ImportFrom):
            modules |= {alias.asname or alias.name for alias in node.names if alias.name == HELPERS.stem}
            if _last(node.module or "") == HELPERS.stem:
                names |= {alias.asname or alias.name: alias.name for alias in node.names}
    return modules, names


def _last(module: str) -> str:
    return module.rpartition(".")[2]


def watched(path: Path, root: Path) -> tuple[ast.Module, list[Condition]]:
    """A module in which every condition passes through the function called `CALLED`, and the conditions."""
    source = path.read_text(encoding="utf-8")
    tree = parsed(source)
    if path == HELPERS or not any(word in source for word in (HELPERS.stem, EXPRESSION)):
        return tree, []
    module = _Module(path.relative_to(root).as_posix(), tree, helpers_in(HELPERS.read_text(encoding="utf-8")))
    module.visit(tree)
    return ast.fix_missing_locations(tree), module.found


def conditions_in(root: Path, sources: tuple[str, ...]) -> list[Condition]:
    """Every condition in the folders of that name, in the order of the source."""
    paths = sorted(path for folder in sources for path in (root / folder).rglob("*.py"))
    return [condition for path in paths for condition in watched(path, root)[1]]
