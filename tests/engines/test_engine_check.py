"""What `tesela engine check` says of an engine, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import tesela
from tesela.base import InputError
from tesela.interfaces.cli import main
from tesela.warehouse import refusal
from tesela.workspace import Settings, inspect_engine
from tesela.workspace.engine_settings import WarehouseSettings

if TYPE_CHECKING:
    from pathlib import Path

REASONS = {
    'connection failed: FATAL:  password authentication failed for user "ana"': "warehouse.wrong_password",
    "fe_sendauth: no password supplied": "warehouse.wrong_password",
    'FATAL:  database "shop" does not exist': "warehouse.no_database",
    'FATAL:  role "ana" does not exist': "warehouse.unknown_user",
    "permission denied for schema public": "warehouse.missing_rights",
    'connection to server at "10.0.0.1", port 5432 failed: Connection refused': "warehouse.nobody_answers",
    "could not translate host name db to address": "warehouse.nobody_answers",
    "the moon is in the wrong house": "warehouse.engine_refused",
}


@pytest.mark.parametrize(("reason", "code"), REASONS.items())
def test_a_refusal_says_what_to_do(reason: str, code: str) -> None:
    error = refusal("postgres", "postgresql://ana:geheim@db.example:5432/shop", reason)
    assert error.code == code
    for language in ("es", "en"):
        assert error.hint(language)
        assert "geheim" not in error.message(language) + str(error.hint(language))


def _workspace(folder: Path, written: str) -> Path:
    tesela.init(folder).close()
    told = (folder / "tesela.toml").read_text("utf-8").replace('engine = "duckdb"\n', "")
    engine, _, rest = written.partition("\n")
    (folder / "tesela.toml").write_text(f"{engine}\n{told}\n{rest}", "utf-8")
    return folder


def test_the_own_file_needs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tesela.init(tmp_path / "shop").close()
    assert main(["engine", "check", "--workspace", str(tmp_path / "shop"), "--lang", "en"]) == 0
    assert "own DuckDB file" in capsys.readouterr().out


def test_nobody_there_is_told_with_the_address(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("psycopg")
    folder = _workspace(tmp_path / "shop", 'engine = "postgres"\n[warehouse]\nurl = "postgresql://ana@127.0.0.1:9/x"\n')
    assert main(["engine", "check", "--workspace", str(folder), "--lang", "es"]) == 1
    assert "✗ Nadie responde en 127.0.0.1:9/x" in capsys.readouterr().out


def test_no_address_is_told_with_the_variable(tmp_path: Path) -> None:
    folder = _workspace(tmp_path / "shop", 'engine = "postgres"\n[warehouse]\nurl_from = "NO_SUCH_VARIABLE"\n')
    [finding] = inspect_engine(folder)
    assert finding.error is not None
    assert finding.error.code == "workspace.no_engine_address"
    assert "NO_SUCH_VARIABLE" in str(finding.hint("en"))


def test_a_password_in_the_file_is_refused(tmp_path: Path) -> None:
    url = "postgresql://ana:geheim@localhost/x"
    folder = tmp_path / "shop"
    tesela.init(folder).close()
    path = folder / "tesela.toml"
    path.write_text(path.read_text("utf-8") + f'\n[warehouse]\nurl = "{url}"\n', "utf-8")
    with pytest.raises(InputError) as raised:
        Settings.load(folder)
    assert raised.value.code == "workspace.password_in_settings"
    assert "geheim" not in str(raised.value)


def test_settings_are_written_as_they_are_read(tmp_path: Path) -> None:
    told = {
        "url_from": "SHOP_URL",
        "options": {"spark.executor.memory": '4"g'},
        "tables": {"events": {"source": "a.b", "columns": {"name": "'x'", "profile_id": "Núm. \\ cliente"}}},
    }
    settings = Settings(engine="spark", warehouse=WarehouseSettings.read(told))
    settings.save(tmp_path)
    assert Settings.load(tmp_path) == settings


@pytest.mark.parametrize(
    ("setting", "code"),
    [
        ("uri = 'x'", "workspace.unknown_setting"),
        ("url = 5", "workspace.bad_setting"),
        ("options = {a = 1}", "workspace.bad_setting"),
        ("tables = {events = 'x'}", "workspace.bad_setting"),
        ("tables = {events = {source = 'x', colums = {}}}", "workspace.bad_setting"),
    ],
)
def test_settings_that_make_no_sense_are_told(tmp_path: Path, setting: str, code: str) -> None:
    (tmp_path / "tesela.toml").write_text(f"[warehouse]\n{setting}\n", "utf-8")
    with pytest.raises(InputError) as raised:
        Settings.load(tmp_path)
    assert raised.value.code == code


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "code"),
    [(("/postgres?", "/nowhere?"), "warehouse.no_database"), (("postgres:", "nobody:"), "warehouse.unknown_user")],
)
def test_a_server_that_refuses_is_told(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str], code: str
) -> None:
    monkeypatch.setenv("TEST_WAREHOUSE", postgres_url.replace("+psycopg", "").replace(*change))
    folder = _workspace(tmp_path / "shop", 'engine = "postgres"\n[warehouse]\nurl_from = "TEST_WAREHOUSE"\n')
    [finding] = inspect_engine(folder)
    assert finding.error is not None
    assert finding.error.code == code


@pytest.mark.slow
def test_a_user_without_rights_is_told(tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import psycopg

    url = postgres_url.replace("+psycopg", "")
    with psycopg.connect(url) as connection:
        connection.execute("DROP ROLE IF EXISTS reader")
        connection.execute("CREATE ROLE reader LOGIN")
    monkeypatch.setenv("TEST_WAREHOUSE", url.replace("postgres:", "reader:"))
    written = 'engine = "postgres"\n[warehouse]\nurl_from = "TEST_WAREHOUSE"\nschema = "not_mine"\n'
    [finding] = inspect_engine(_workspace(tmp_path / "shop", written))
    assert finding.error is not None
    assert finding.error.code == "warehouse.missing_rights"


@pytest.mark.slow
def test_an_engine_in_order_and_one_with_a_column_missing(
    tmp_path: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    monkeypatch.setenv("TEST_WAREHOUSE", postgres_url)
    written = 'engine = "postgres"\n[warehouse]\nurl_from = "TEST_WAREHOUSE"\nschema = "checked"\n'
    folder = _workspace(tmp_path / "shop", written)
    assert [finding.key for finding in inspect_engine(folder)][-1] == "workspace.engine_empty"
    with tesela.open(folder) as workspace:
        workspace.segments.count("did order_completed")
    assert [finding.key for finding in inspect_engine(folder)][-1] == "workspace.engine_tables"
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        connection.execute("ALTER TABLE checked.events DROP COLUMN coupon")
        connection.execute("ALTER TABLE checked.events ALTER COLUMN quantity TYPE TEXT")
    errors = [finding.error for finding in inspect_engine(folder) if finding.error]
    assert [error.code for error in errors] == ["workspace.engine_lacks_columns", "workspace.engine_wrong_type"]
    assert "coupon" in errors[0].message("es")
