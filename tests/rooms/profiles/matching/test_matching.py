"""The same person under another spelling: found, explained, decided on, and taken back; through the workspace."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tesela
from tesela.base import ConflictError, InputError, NotFoundError, UnavailableError
from tesela.interfaces.cli import main

HEADER = "Id cliente,Nombre,Apellidos,Email,Teléfono,Fecha de nacimiento,Código postal,Ciudad,Dirección,DNI\n"
PEOPLE = (
    HEADER
    + """\
C1,José,García López,pepe.garcia@gmail.com,600111222,1980-03-05,28001,Madrid,"Calle Mayor 5, 2º",12345678Z
C2,Pepe,Garcia,pepegarcia@gmail.com,600111223,1980-05-03,28001,Madrid,C/ Mayor 5,
C3,María del Carmen,Ruiz de la Fuente,mcruiz@hotmail.com,611222333,1975-12-01,08001,Barcelona,Avda. Diagonal 100,
C4,Carmen,Ruiz Fuente,carmenruiz@yahoo.es,,1975-12-01,08001,Barcelona,Diagonal 100,
C5,Luis,Pérez,luis@example.com,622333444,1990-01-01,41001,Sevilla,Calle Sierpes 1,
C6,Ana,Martín,ana@example.org,633444555,1985-07-09,46001,Valencia,Calle Colón 3,
C7,Francisco,Sánchez Gil,fsanchez@example.org,644555666,1970-02-02,29001,Málaga,Calle Larios 7,
C8,Paco,Sanches Gil,pacosg@example.org,644555667,1970-02-02,29001,Málaga,Calle Larios 7,
C9,Lucía,Gómez,lucia@example.org,655666777,1999-09-09,29001,Málaga,Calle Larios 7,
"""
)
TWINS = {("C1", "C2"), ("C3", "C4"), ("C7", "C8")}


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop that has imported the people and looked for duplicates: the proposals are open."""
    folder = tmp_path_factory.mktemp("imported")
    (folder / "people.csv").write_text(PEOPLE, "utf-8")
    with tesela.init(folder / "shop") as workspace:
        workspace.imports.run("contacts", folder / "people.csv")
        found = workspace.matching.find()
        assert (found.waiting, found.new, found.gone) == (3, 3, 0)
    return folder


@pytest.fixture
def folder(imported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TESELA_LANG", "en")
    shutil.copytree(imported, tmp_path, dirs_exist_ok=True)
    return tmp_path / "shop"


@pytest.fixture
def workspace(folder: Path) -> Iterator[Any]:
    with tesela.open(folder) as opened:
        yield opened


def customers(workspace: Any, shown: Any) -> tuple[str, ...]:
    found = []
    for number in (shown.one, shown.other):
        identity = workspace.profiles.show(f"#{number}").identity
        found += [row["value"] for row in identity.identifiers if row["kind"] == "customer_id"]
    return tuple(sorted(found))


def change(folder: Path, old: str, new: str) -> None:
    file = folder.parent / "people.csv"
    file.write_text(PEOPLE.replace(old, new), "utf-8")
    assert main(["import", "contacts", str(file), "--workspace", str(folder), "--yes", "--json"]) == 0


def test_other_spellings_are_found_and_explained(workspace: Any) -> None:
    shown = workspace.matching.review()
    assert {customers(workspace, each) for each in shown} == TWINS
    pepe = next(each for each in shown if customers(workspace, each) == ("C1", "C2"))
    levels = {each.field: each.level for each in pepe.evidence}
    assert levels == {
        "first_name": "nickname",
        "last_name": "part",
        "birth_date": "day_month",
        "email": "near",
        "phone": "near",
        "document": "missing",
        "postal_code": "exact",
        "city": "exact",
        "street": "number_near",
    }
    assert pepe.values["first_name"] == ("José", "Pepe")
    assert all(each.weight > 0 for each in pepe.evidence if each.level != "missing")
    francisco = next(each for each in shown if customers(workspace, each) == ("C7", "C8"))
    assert {each.field for each in francisco.evidence if each.weight < 0} == {"email"}
    assert all(each.probability > 0.9 for each in shown)


def test_looked_for_again_nothing_changes(workspace: Any) -> None:
    before = [each for each in workspace.matching.review()]
    again = workspace.matching.find()
    assert (again.waiting, again.new, again.gone) == (3, 0, 0)
    assert [each for each in workspace.matching.review()] == before
    assert [each for each in workspace.matching.review(2)] == before[:2]


def test_accepted_people_are_one_until_it_is_undone(workspace: Any) -> None:
    proposal = workspace.matching.review()[0]
    [made] = workspace.matching.accept([proposal.number], actor="ana", note="the same street")
    assert (made.state, made.actor, made.note) == ("accepted", "ana", "the same street")
    assert workspace.profiles.show(f"#{made.other}").profile_id == made.one
    [act] = workspace.profiles.acts()
    assert (act.name, act.number, act.one, act.other) == ("merge", made.act, made.one, made.other)
    assert workspace.matching.find().waiting == 2
    with pytest.raises(ConflictError, match=f"profile undo {made.act}"):
        workspace.matching.reject([made.number], actor="ana")
    workspace.profiles.undo(made.act, actor="ana")
    assert workspace.profiles.show(f"#{made.other}").profile_id == made.other
    # what was undone is decided: it does not come back by itself
    assert workspace.matching.find().waiting == 2
    [again] = workspace.matching.accept([made.number], actor="eva")
    assert workspace.profiles.show(f"#{again.other}").profile_id == again.one


def test_all_above_a_threshold_are_merged_and_none_below(workspace: Any) -> None:
    least = min(each.probability for each in workspace.matching.review())
    assert workspace.matching.accept(above=0.9999, actor="ana") == []
    assert len(workspace.matching.accept(above=least, actor="ana", note="spring cleaning")) == 3
    assert workspace.matching.review() == []
    assert [act.note for act in workspace.profiles.acts()] == ["spring cleaning"] * 3
    for act in workspace.profiles.acts():
        workspace.profiles.undo(act.number, actor="ana")
        assert workspace.profiles.show(f"#{act.other}").profile_id == act.other


def test_a_rejected_pair_comes_back_only_when_its_data_changed(folder: Path) -> None:
    with tesela.open(folder) as workspace:
        shown = workspace.matching.review()
        pepe = next(each for each in shown if customers(workspace, each) == ("C1", "C2"))
        workspace.matching.reject([pepe.number], actor="ana")
        assert workspace.matching.find().waiting == 2
    change(folder, "Ana,Martín", "Anna,Martín")
    with tesela.open(folder) as workspace:
        assert workspace.matching.find().waiting == 2
    change(folder, "Pepe,Garcia", "Pepe,García López")
    with tesela.open(folder) as workspace:
        assert workspace.matching.find().new == 1
        back = [each for each in workspace.matching.review() if customers(workspace, each) == ("C1", "C2")]
        assert back[0].number > pepe.number


def test_whom_a_person_put_apart_is_not_proposed(workspace: Any) -> None:
    pepe = next(each for each in workspace.matching.review() if customers(workspace, each) == ("C1", "C2"))
    workspace.profiles.merge("C1", "C2", actor="ana")
    # one already: nothing to merge, and the proposal is done with
    [made] = workspace.matching.accept([pepe.number], actor="ana")
    assert (made.state, made.act) == ("accepted", None)
    # put apart by hand; the first unmerge takes back the merge, the decision on the proposal stands
    workspace.profiles.unmerge("C1", "C2", actor="ana")
    found = workspace.matching.find()
    assert (found.waiting, found.new) == (2, 0)


def test_refusals(workspace: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="--above"):
        workspace.matching.accept(actor="ana")
    with pytest.raises(InputError, match=r"1\.5 is no probability"):
        workspace.matching.accept(above=1.5, actor="ana")
    with pytest.raises(InputError, match="0 is no probability"):
        workspace.matching.find(least=0)
    with pytest.raises(NotFoundError, match="number 99"):
        workspace.matching.reject([99], actor="ana")
    monkeypatch.setitem(sys.modules, "splink", None)
    monkeypatch.delitem(sys.modules, "tesela.profiles.matching.linkers.splink", raising=False)
    with pytest.raises(UnavailableError, match=r"pip install 'tesela\[match\]'"):
        workspace.matching.find()


def test_nobody_and_one_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with tesela.init(tmp_path / "empty") as workspace:
        assert workspace.matching.find().waiting == 0
        assert workspace.matching.review() == []
    (tmp_path / "one.csv").write_text("\n".join(PEOPLE.splitlines()[:2]), "utf-8")
    assert main(["import", "contacts", "one.csv", "--workspace", "empty", "--yes", "--json"]) == 0
    with tesela.open(tmp_path / "empty") as workspace:
        assert workspace.matching.find().waiting == 0


def test_the_command_line_in_both_languages(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    there = ["--workspace", str(folder)]

    def run(*command: str) -> str:
        capfd.readouterr()
        assert main(["match", *command, *there]) == 0
        return capfd.readouterr().out

    assert run("find").startswith("3 proposals wait for a decision: 0 new, 0 gone.")
    spanish, english = run("review", "--lang", "es"), run("review", "--lang", "en")
    assert "first_name: apodo o primero de varios nombres (+" in spanish
    assert "birth_date: day and month swapped (+" in english
    assert "José | Pepe" in english
    assert run("review", "--json", "--limit", "1").count('"fingerprint"') == 1
    assert '"state": "rejected"' in run("reject", "1", "--by", "ana", "--json")
    assert run("accept", "--above", "0.5", "--by", "ana").startswith("2 proposals accepted")
    assert run("review").startswith("No proposal is open.")
