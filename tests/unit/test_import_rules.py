"""Import rules between packages, and imports without side effects."""

import ast
import asyncio
import json
import sys
from pathlib import Path

_ROOT = Path(__file__).parents[2]

_IMPORT_EVERYTHING = """
import importlib, json, os, pkgutil, sys, traceback

packages = ("cli", "gql", "orchestration", "persistence")
scripts = {"cli.__main__", "persistence.migrations.env"}  # run, never imported

def modules():
    for package in packages:
        root = importlib.import_module(package)
        yield package
        for found in pkgutil.walk_packages(root.__path__, package + "."):
            if found.name not in scripts:
                yield found.name

def ours(name):
    return name.partition(".")[0] in packages

# Import everything once, because third-party modules may do I/O. Then import ours again, audited.
names = list(modules())
for name in names:
    importlib.import_module(name)
for name in [name for name in sys.modules if ours(name)]:
    del sys.modules[name]

effects = []
root = os.getcwd()

def note(effect):
    # Report only what our modules do, or what pydantic-settings does for them.
    frames = traceback.extract_stack()[:-2]
    ours = [frame for frame in frames if frame.filename.startswith(root)
            and "/.venv/" not in frame.filename]
    if ours and (ours[-1] is frames[-1] or "pydantic_settings" in frames[-1].filename
                 or not effect.startswith("environment")):
        effects.append(f"{ours[-1].filename}:{ours[-1].lineno}: {effect}")

def audit(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "os.mkdir")):
        note(event)
    elif event == "open" and not str(arguments[0]).endswith((".py", ".pyc")):
        note(f"open {arguments[0]}")

class Watched(dict):
    def __getitem__(self, name):
        note(f"environment {name}")
        return super().__getitem__(name)
    def get(self, name, default=None):
        note(f"environment {name}")
        return super().get(name, default)
    def items(self):
        note("environment")
        return super().items()

os.environ = Watched(os.environ)
os.getenv = os.environ.get
sys.addaudithook(audit)
for name in names:
    importlib.import_module(name)
json.dump(sorted(set(effects)), sys.stdout)
"""


async def test_the_import_contracts_hold() -> None:
    code, output = await _run(str(Path(sys.executable).parent / "lint-imports"), "--no-cache")

    assert code == 0, output


def test_the_domain_imports_only_the_standard_library() -> None:
    imported = {
        (module, path.name)
        for path in (_ROOT / "orchestration" / "domain").glob("**/*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for module in _modules(node)
    }

    foreign = {
        (module, file)
        for module, file in imported
        if module.partition(".")[0] not in sys.stdlib_module_names
        and not module.startswith("orchestration.domain")
    }
    assert foreign == set()


async def test_an_import_does_no_io_and_reads_no_environment() -> None:
    code, output = await _run(sys.executable, "-c", _IMPORT_EVERYTHING)

    assert code == 0, output
    assert json.loads(output) == []


async def _run(*command: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=_ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


def _modules(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "a relative import"]
    return []
