"""Render the project's macros and models without dbt, to run them on tables made in a test."""

from functools import cache
from pathlib import Path
from types import SimpleNamespace

import jinja2

PROJECT = Path(__file__).parents[1] / "dbt_project"


@cache
def environment(is_increment: bool = False) -> jinja2.Environment:
    """Return an environment in which `ref` and `source` name tables as dbt would.

    Args:
        is_increment: Whether macros add to what is there, or compute everything.
    """
    folders = {
        path.stem: path.relative_to(PROJECT / "models").parts[0]
        for path in PROJECT.glob("models/**/*.sql")
    }
    env = jinja2.Environment(extensions=["jinja2.ext.do"])
    env.globals["ref"] = lambda name: f"{folders.get(name, 'reference')}.{name}"
    env.globals["is_incremental"] = lambda: is_increment
    env.globals["model"] = SimpleNamespace(config=SimpleNamespace(materialized="incremental"))
    env.globals["flags"] = SimpleNamespace(FULL_REFRESH=not is_increment)
    # here a macro gives a text, whatever it returns, and none is false
    env.globals["return"] = lambda value: value or ""
    env.globals["source"] = lambda schema, name: f"{schema}.{name}"
    env.globals["adapter"] = SimpleNamespace(
        dispatch=lambda name, _package=None: env.globals[f"default__{name}"]
    )
    # generic tests are written in a tag of dbt's own
    macros = [path for path in sorted(PROJECT.glob("macros/*.sql")) if path.stem[:5] != "test_"]
    # a macro sees those that were there before it: three rounds reach macros of macros of macros
    for path in macros * 3:
        module = env.from_string(path.read_text()).module
        env.globals |= {
            name: value for name, value in vars(module).items() if not name.startswith("_")
        }
    return env


def render(text: str) -> str:
    """Render SQL that calls macros of the project."""
    return environment().from_string(text).render()


@cache
def render_model(name: str, is_incremental: bool = False) -> str:
    """Render one model's select, or what an incremental one adds to the rows it has."""
    (path,) = PROJECT.glob(f"models/**/{name}.sql")
    # by name, as everywhere else: a call by place would get an environment of its own
    model = environment(is_increment=is_incremental).from_string(path.read_text())
    this = environment().globals["ref"](name)
    return model.render(config=lambda **_: "", this=this)


def render_increment(name: str) -> list[str]:
    """Render what an increment does to an incremental model's table, statement by statement."""
    (path,) = PROJECT.glob(f"models/**/{name}.sql")
    env = environment(is_increment=True)
    this = env.globals["ref"](name)
    found: dict[str, list[str] | str] = {}
    added = env.from_string(path.read_text()).render(
        config=lambda **given: found.update(given) or "", this=this
    )
    # what they take rows from is known to the model's own macros alone
    increments = env.from_string((PROJECT / "macros" / "increments.sql").read_text())
    macros = vars(increments.make_module({"this": this}))
    hooks = found["pre_hook"]
    hooks = [hooks] if isinstance(hooks, str) else hooks
    before = [env.from_string(hook).render(macros) for hook in hooks]
    return [*before, f"insert into {this} {added}"]
