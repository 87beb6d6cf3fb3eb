"""What people do with the page, in a real browser, from the first start to a list that is taken out."""

from __future__ import annotations

import csv
import json
import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from doors.a_visited_shop import PASSWORD, axe_faults
from tesela import audit

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from doors.a_visited_shop import ServedShop

WRITTEN = "did order_completed in last 6 months and never order_completed in last 3 months"
SAID = "Cada persona: hizo un pedido en los últimos 6 meses y no hizo ningún pedido en los últimos 3 meses."


_HUNDREDTH = Decimal("0.01")
ADDRESS = re.compile(r"[\w.]+@[\w.]+\.\w")


def _counted(page: Page) -> int:
    expect(page.locator(".counter")).to_have_attribute("aria-busy", "false")
    return int(re.sub(r"\D", "", page.locator(".counter-value").inner_text()))


def _number(words: str) -> int:
    return int(re.sub(r"\D", "", words))


def _grouped(count: int | None) -> str:
    """Return a count as the Spanish page writes it."""
    assert count is not None
    return f"{count:,}".replace(",", ".") if count >= 10_000 else str(count)


def _written(value: Decimal | None) -> str:
    """Return a score as the Spanish page writes it where it is told exactly: with at most two decimals."""
    assert value is not None
    return f"{value.quantize(_HUNDREDTH, ROUND_HALF_UP).normalize():f}".replace(".", ",")


def _write(page: Page, rule: str) -> None:
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(rule)
    page.keyboard.press("Escape")


# --- the quick ones -------------------------------------------------------------------------------------------------


def test_a_segment_is_built_by_mouse_saved_and_taken_out(served_shop: ServedShop) -> None:
    with served_shop.visit("eva") as seen:
        page = seen.go("segments")
        page.get_by_role("link", name="Nuevo segmento").click()
        page.get_by_label("Nombre del segmento").fill("Compraron en 6 pero no en 3 meses")
        for which in ("Condición 1", "Condición 2"):
            page.get_by_role("button", name="Añadir condición").click()
            page.get_by_role("menuitem", name="Lo que hizo o no hizo").click()
            page.get_by_role("group", name=which).get_by_label("Unidad de tiempo").select_option("month")
        page.get_by_role("group", name="Condición 1").get_by_label("Cuántos").fill("6")
        second = page.get_by_role("group", name="Condición 2")
        second.get_by_label("Hizo o no hizo").select_option("never")
        second.get_by_label("Cuántos").fill("3")
        expect(page.locator(".sentence")).to_have_text(SAID)
        expect(page.locator(".cm-content")).to_have_text(WRITTEN)
        expected = served_shop.workspace.segments.count(WRITTEN).count
        assert _counted(page) == expected
        page.get_by_role("button", name="Guardar").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Compraron en 6 pero no en 3 meses")
        assert served_shop.workspace.segments.find("compraron_en_6_pero_no_en_3_meses").when == WRITTEN

        page.get_by_role("button", name="Exportar").click()
        dialog = page.get_by_role("dialog")
        steps = dialog.locator("table.waterfall")
        expect(steps).to_contain_text("Pueden recibir")
        size, *lost, reachable = [int(re.sub(r"\D", "", each)) for each in steps.locator("td.number").all_inner_texts()]
        assert size - sum(lost) == reachable
        with page.expect_download() as begun:
            dialog.get_by_role("button", name=re.compile(r"^Exportar \d")).click()
        with begun.value.path().open(encoding="utf-8-sig", newline="") as file:
            assert len(list(csv.reader(file))) - 1 == reachable
        seen.must_be_clean()


def test_text_and_groups_follow_each_other_and_mistakes_stand_where_they_are(served_shop: ServedShop) -> None:
    with served_shop.visit("eva") as seen:
        page = seen.go("segments/new")
        _write(page, WRITTEN)
        expect(page.get_by_role("group", name="Condición 2").get_by_label("Cuántos")).to_have_value("3")
        expect(page.get_by_role("group", name="Condición 2").get_by_label("Hizo o no hizo")).to_have_value("never")
        right = _counted(page)

        _write(page, WRITTEN.replace("never order_completed", "never order_complted"))
        expect(page.locator(".mistake")).to_contain_text("¿Querías decir order_completed?")
        expect(page.locator(".cm-lintRange-error")).to_have_text("order_complted")
        expect(page.get_by_role("button", name="Guardar")).to_be_disabled()

        page.get_by_role("button", name="Deshacer").click()
        expect(page.locator(".mistake")).to_have_text("")
        assert _counted(page) == right

        # what has no drawing stays, as a block of text, whatever is changed beside it
        own = "sequence(product_viewed, product_added within 1 day) in last 30 days"
        _write(page, f"{own} and count(order_completed) >= 2")
        block = page.get_by_role("group", name="Condición 1").get_by_role("textbox")
        expect(block).to_have_value(own)
        page.get_by_role("group", name="Condición 2").get_by_label("Cantidad").fill("3")
        expect(page.locator(".cm-content")).to_have_text(f"{own} and count(order_completed) >= 3")
        seen.must_be_clean()


def test_a_person_is_found_and_her_page_says_why_not(served_shop: ServedShop) -> None:
    someone = served_shop.workspace.profiles.search("", limit=1, descending=False).rows[0]
    with served_shop.visit("eva") as seen:
        page = seen.go("people")
        page.get_by_label("Buscar personas").fill(str(someone["email"] or someone["customer_id"]))
        page.get_by_role("row").nth(1).get_by_role("link").click()
        page.get_by_label("¿Por qué no está en…?").select_option(label="Compradores frecuentes (30 días)")
        expect(page.locator(".verdict")).to_contain_text("No está en «Compradores frecuentes (30 días)»")
        expect(page.locator(".conditions").first).to_contain_text("en los últimos 30 días")
        seen.must_be_clean()


def test_an_admin_changes_a_setting_and_is_told_first_what_it_means(served_shop: ServedShop) -> None:
    with served_shop.visit("marta") as seen:
        page = seen.go("settings")
        form = page.get_by_role("form", name="La tienda")
        expect(form.get_by_role("button", name="Guardar los ajustes")).to_be_disabled()
        form.get_by_label("Moneda").fill("pesos")
        form.get_by_label("Moneda").fill("M1")
        expect(form).to_contain_text("No se convierte ningún importe")
        form.get_by_role("button", name="Guardar los ajustes").click()
        expect(form.get_by_role("alert")).to_contain_text("EUR, MXN, GBP")
        form.get_by_role("button", name="Descartar").click()
        expect(form.get_by_label("Moneda")).to_have_value("EUR")
        form.get_by_label("Coste por mil correos").fill("0,80")
        # somebody else was quicker
        served_shop.workspace.configuration.change({"name": "Tienda de Eva"})
        form.get_by_role("button", name="Guardar los ajustes").click()
        expect(form.get_by_role("alert")).to_contain_text("Otra persona ha cambiado los ajustes")
        form.get_by_role("button", name="Ver los de ahora").click()
        expect(form.get_by_label("Nombre de la tienda")).to_have_value("Tienda de Eva")
        form.get_by_label("Coste por mil correos").fill("0,80")
        form.get_by_role("button", name="Guardar los ajustes").click()
        expect(form).to_contain_text("Ajustes guardados")
        expect(form.get_by_role("button", name="Auditar ahora")).to_be_visible()
        expect(page.locator("header").first).to_contain_text("Tienda de Eva")
        assert str(served_shop.workspace.settings.audit.cost_per_thousand) == "0.80"
        served_shop.workspace.configuration.change({"name": "Tienda Demo", "audit.cost_per_thousand": None})
        seen.must_be_clean()


def test_a_viewer_sees_figures_and_nobodys_address(served_shop: ServedShop) -> None:
    told: list[str] = []
    with served_shop.visit("luis") as seen:
        seen.page.on("response", lambda answer: "/api/" in answer.url and told.append(answer.text()))
        found = [f"audit/{each.check.key}" for each in served_shop.workspace.audit.newest().findings if each.samples]
        audits = [
            "audit",
            *(f"audit?view={view}" for view in ("fixes", "reactions", "growth", "data", "history")),
            *found,
        ]
        for place in ("", *audits, "segments", "segments/buyers", "rfm", "map", "catalog", "data"):
            page = seen.go(place)
            assert not ADDRESS.search(page.locator("main").inner_text()), place
            assert page.get_by_role("button", name=re.compile("Arreglar|Auditar ahora|Deshacer")).count() == 0, place
        assert page.get_by_role("link", name="Personas").count() == 0
        page = seen.page
        for refused in ("people", "people/1", "segments/new"):
            page.goto(f"{seen.address}#/{refused}")
            expect(page.get_by_text("Tu papel no permite")).to_be_visible()
        page.goto(f"{seen.address}#/segments/buyers")
        expect(page.get_by_role("button", name="Exportar")).to_have_count(0)
        seen.must_be_clean()
    assert told
    assert not [each for each in told if ADDRESS.search(each)]


def test_the_audit_says_what_was_found_and_every_view_of_it_has_its_address(served_shop: ServedShop) -> None:
    found = served_shop.workspace.audit.newest()
    grave = [each for each in found.findings if each.severity in ("bad", "warn")]
    with served_shop.visit("eva") as seen:
        page = seen.go("audit")
        expect(page.locator(".score-value")).to_have_text(str(found.score.points))
        values = page.locator(".score-parts .with-bar").all_inner_texts()
        parts = [round(each.value) if each.value is not None else "sin datos" for each in found.score.parts]
        assert values == [str(each) for each in parts]
        cards = page.locator("article.found")
        assert cards.locator("h3").all_inner_texts() == [each.check.said("name", "es") for each in grave]
        for card, each in zip(cards.all(), grave, strict=True):
            assert _number(card.locator(".found-count strong").inner_text()) == each.count, each.check.key

        page.get_by_label("De qué tratan").select_option("values")
        page.get_by_role("button", name=re.compile("^bien")).click()
        fine = [each for each in found.findings if each.severity == "ok" and each.check.section == "values"]
        names = page.locator(".names li")
        expect(names).to_have_text([each.check.said("name", "es") for each in fine])
        page.reload()
        expect(names).to_have_count(len(fine))
        page.go_back()
        expect(page.get_by_role("button", name=re.compile("^bien"))).to_have_attribute("aria-pressed", "false")
        expect(page.get_by_label("De qué tratan")).to_have_value("values")

        page = seen.go("audit")
        first = grave[0].check
        cards.first.get_by_role("link", name=first.said("name", "es")).click()
        expect(page).to_have_url(re.compile(f"#/audit/{first.key}$"))
        expect(page.locator(".found-whole")).to_contain_text(first.said("description", "es"))
        page.get_by_role("link", name="Todos los hallazgos").click()
        page.get_by_role("button", name="Informe").click()
        with page.expect_download() as begun:
            page.get_by_role("menuitem", name="Página (HTML)").click()
        told = begun.value.path().read_text("utf-8")
        assert f'<span class="number">{found.score.points}</span>' in told
        seen.must_be_clean()


def test_home_says_what_the_audit_puts_first(served_shop: ServedShop) -> None:
    found = served_shop.workspace.audit.newest()
    with served_shop.visit("eva") as seen:
        page = seen.go("")
        expect(page.locator(".stat", has_text="Nota de la base").locator(".stat-value")).to_have_text(
            str(found.score.points)
        )
        first = [each.check for each in found.findings[:3]]
        expect(page.locator(".ideas li")).to_contain_text([each.said("name", "es") for each in first])
        page.locator(".ideas li").first.get_by_role("link").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(first[0].said("name", "es"))
        seen.must_be_clean()


# --- the rest -------------------------------------------------------------------------------------------------------


def test_where_there_is_nothing_to_show_the_page_says_what_to_do(served_shop: ServedShop) -> None:
    with served_shop.visit("marta") as seen:
        page = seen.go("people/99999999")
        page.get_by_role("link", name="Buscar personas").click()
        page.get_by_label("Buscar personas").fill("nadie se llama así")
        page.get_by_role("button", name="Ver a todas").click()
        expect(page.locator("main tbody tr")).to_have_count(25)
        page = seen.go("segments/no_existe")
        page.get_by_role("link", name="Ir a los segmentos").click()
        expect(page.get_by_role("heading", level=1, name="Segmentos")).to_be_visible()
        # a server that breaks down tells nothing in anybody's language
        asked_for = re.compile(r"/api/v1/people\?")
        page.route(asked_for, lambda asked: asked.fulfill(status=500, body="Internal Server Error"))
        page.goto(f"{seen.address}#/people?q=garcia")
        expect(page.get_by_role("heading", name="Algo ha salido mal")).to_be_visible()
        page.unroute(asked_for)
        page.get_by_role("button", name="Reintentar").click()
        expect(page.locator("main tbody tr").first).to_be_visible()
        seen.must_be_clean()
    with served_shop.visit("luis") as seen:
        page = seen.go("segments/buyers?view=members")
        expect(page.get_by_role("heading", name="Tu papel no permite ver a las personas")).to_be_visible()
        seen.must_be_clean()


def test_a_key_lets_go_of_the_figures_of_the_rule_before(served_shop: ServedShop) -> None:
    gone: list[str] = []
    with served_shop.visit("marta") as seen:
        page = seen.go("segments/new?rule=did order_completed in last 30 days")
        page.locator(".beside").wait_for()
        # never answered: the page itself lets go of it
        page.route("**/api/v1/rules/kpis", lambda _: None)
        page.on("requestfailed", lambda asked: gone.append(asked.url.rpartition("/")[2]))
        with page.expect_request("**/api/v1/rules/kpis"):
            _write(page, "did order_completed in last 40 days")
        # what was told of the rule before stays in sight
        expect(page.locator(".beside")).to_be_visible()
        with page.expect_event("requestfailed"):
            _write(page, "did order_completed in last 50 days")
        expect(page.locator(".sentence")).to_contain_text("50")
        assert "kpis" in gone
        assert set(gone) <= {"kpis", "preview"}
        seen.must_be_clean()


@pytest.mark.slow
def test_first_start_to_first_audit_with_a_messy_file(empty_shop: ServedShop, tmp_path: Path) -> None:
    file = tmp_path / "clientes.csv"
    rows = [f'ana{n}@example.com;Ana {n};Sí;"Málaga";0{n};2026-0{1 + n % 9}-03' for n in range(40)]
    file.write_text(
        "Correo del cliente;Nombre;Acepta;Población;Ref interna;Alta\n" + "\n".join(rows) + "\n;;;;;\n", "cp1252"
    )
    secret = empty_shop.workspace.access.setup_secret()
    with empty_shop.visit() as seen:
        page = seen.page
        page.goto(f"{seen.address}#/setup/{secret}")
        page.get_by_label("Nombre").fill("marta")
        page.get_by_role("textbox", name="Contraseña").fill(PASSWORD)
        page.get_by_role("button", name="Crear la cuenta y entrar").click()
        page.get_by_role("link", name="Importar un archivo").click()
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Elegir un archivo").click()
        chooser.value.set_files(file)
        expect(page.get_by_label("Qué contiene")).to_have_value("contacts")
        page.get_by_label("Se lee «Ref interna» como").select_option("customer_id")
        expect(page.get_by_label("Se lee «Ref interna» como")).to_have_value("customer_id")
        page.get_by_role("button", name="Importar", exact=True).click()
        expect(page.locator(".facts-row")).to_contain_text("Guardadas")
        expect(page.locator(".facts-row dd").nth(1)).to_have_text("40")
        expect(page.locator(".job-now")).to_have_count(0)
        page.get_by_role("button", name="Actualizar").click()
        expect(page.locator(".job", has_text="Actualización completa")).to_contain_text("Hecho", timeout=60_000)
        page.get_by_role("link", name="Inicio").click()
        expect(page.locator(".stat", has_text="Contactos")).to_contain_text("40")
        page.get_by_role("link", name="Ir a la auditoría").click()
        expect(page.get_by_text("Tu base aún no se ha auditado")).to_be_visible()
        assert not axe_faults(page)
        page.get_by_role("button", name="Auditar ahora").click()
        page.locator(".score-value").wait_for()
        found = empty_shop.workspace.audit.newest()
        assert len(empty_shop.workspace.audit.history()) == 1
        expect(page.locator(".score-value")).to_have_text(str(found.score.points))
        # what the data cannot answer is not known, and neither 0 nor 100
        unknown = [each.key for each in found.score.parts if each.value is None]
        assert "engaged" in unknown
        expect(page.locator(".score-parts dd", has_text="sin datos")).to_have_count(len(unknown))
        expect(page.locator(".score-parts")).to_contain_text("no se han importado aperturas")
        phone = found.of("empty_phone")
        assert phone.count == 40
        page.locator("article").get_by_role("link", name=phone.check.said("name", "es")).click()
        expect(page.locator(".found-whole .found-count strong")).to_have_text("40 personas")
        seen.must_be_clean()


@pytest.mark.slow
def test_a_finding_is_mended_as_the_preview_says_and_taken_back(served_shop: ServedShop) -> None:
    audits = served_shop.workspace.audit
    before = audits.newest()
    key = next(each.check.key for each in before.findings if each.check.fix == "suppress" and (each.count or 0) > 10)
    name = before.of(key).check.said("name", "es")
    looked = audits.fixes.preview(key)
    with served_shop.visit("eva") as seen:
        page = seen.go(f"audit/{key}")
        page.get_by_role("button", name=f"Arreglar: {name}").click()
        dialog = page.get_by_role("dialog")
        figure = dialog.locator("[data-figure=score]")
        expect(figure).to_have_text(f"{_written(before.score.value)} → {_written(looked.after.value)}")
        expect(dialog.locator("[data-figure=count]")).to_have_text(
            f"{_grouped(before.of(key).count)} → {_grouped(looked.plan.count_after)}"
        )
        assert audits.fixes.list() == []
        dialog.get_by_label("Por qué lo haces").fill("prueba del arreglo")
        dialog.get_by_role("button", name=f"Aplicar a {_grouped(looked.plan.people)} personas").click()
        expect(dialog.get_by_role("status")).to_contain_text("Hecho")
        (kept,) = audits.fixes.list()
        assert (kept.check, kept.people, kept.note, kept.actor) == (
            key,
            looked.plan.people,
            "prueba del arreglo",
            "eva",
        )
        after = audits.newest()
        assert after.score.value == looked.after.value
        assert after.of(key).count == looked.plan.count_after
        dialog.get_by_role("link", name="Ver todos los arreglos").click()
        expect(page.locator(".score-value")).to_have_text(str(after.score.points))
        row = page.get_by_role("row", name=re.compile(re.escape(name)))
        expect(row).to_contain_text("prueba del arreglo")
        row.get_by_role("button", name=re.compile("^Deshacer")).click()
        page.get_by_role("dialog").get_by_role("button", name="Deshacer").click()
        expect(row).to_contain_text("Deshecho el")
        again = audits.newest()
        assert again.score.value == before.score.value
        assert again.of(key).count == before.of(key).count
        expect(page.locator(".score-value")).to_have_text(str(before.score.points))
        seen.must_be_clean()


@pytest.mark.slow
def test_what_values_mean_is_told_before_they_are_mended(served_shop: ServedShop) -> None:
    found = served_shop.workspace.audit.newest().of("region_unknown")
    value = found.samples[0]
    looked = served_shop.workspace.audit.fixes.preview("region_unknown", audit.fixes.Choice({value: "Madrid"}, tag=""))
    with served_shop.visit("eva") as seen:
        page = seen.go("audit/region_unknown")
        page.get_by_role("button", name=re.compile("^Arreglar")).click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_role("button", name="Ver el efecto")).to_be_disabled()
        dialog.get_by_label(f"«{value}» significa").fill("Madrid")
        dialog.get_by_role("button", name="Ver el efecto").click()
        expect(dialog.locator("[data-figure=count]")).to_have_text(f"{found.count} → {looked.plan.count_after}")
        expect(dialog.get_by_role("table")).to_contain_text("Madrid")
        seen.must_be_clean()


@pytest.mark.slow
def test_two_audits_make_a_history(served_shop: ServedShop) -> None:
    audits = served_shop.workspace.audit
    made = len(audits.history())
    with served_shop.visit("eva") as seen:
        page = seen.go("audit?view=history")
        rows = page.get_by_role("row")
        expect(rows).to_have_count(made + 1)
        page.get_by_role("button", name="Auditar ahora").click()
        expect(rows).to_have_count(made + 2)
        expect(page.get_by_role("img", name=re.compile("^La nota con el tiempo"))).to_be_visible()
        history = audits.history()
        for row, each in zip(rows.all()[1:], reversed(history), strict=True):
            cells = row.locator("td").all_inner_texts()
            assert each.score is not None
            assert [_number(cells[0]), _number(cells[1])] == [each.base, round(each.score)]
        before = round(history[-2].score or 0)
        now = audits.newest().score.points or 0
        expect(page.locator(".score-points")).to_contain_text(
            "Igual que" if now == before else f"{now - before:+d} desde"
        )
        seen.must_be_clean()


@pytest.mark.slow
def test_the_builder_by_keyboard_alone(served_shop: ServedShop) -> None:
    with served_shop.visit("eva") as seen:
        page = seen.go("segments/new")

        def tab_to(name: str) -> None:
            for _ in range(60):
                page.keyboard.press("Tab")
                told = page.evaluate(
                    "() => { const at = document.activeElement; return at.getAttribute('aria-label')"
                    " || at.labels?.[0]?.textContent || at.textContent; }"
                )
                if told and told.strip().startswith(name):
                    return
            raise AssertionError(f"never came to {name}")

        tab_to("Nombre del segmento")
        page.keyboard.type("Con teclado")
        tab_to("Añadir condición")
        page.keyboard.press("Enter")
        page.get_by_role("menuitem").first.wait_for()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        tab_to("Cuántos")
        page.keyboard.press("Control+a")
        page.keyboard.type("90")
        expect(page.locator(".cm-content")).to_have_text("did order_completed in last 90 days")
        assert _counted(page) == served_shop.workspace.segments.count("did order_completed in last 90 days").count
        page.keyboard.press("Control+s")
        expect(page.get_by_role("heading", level=1)).to_have_text("Con teclado")
        seen.must_be_clean()


@pytest.mark.slow
def test_what_saving_changes_is_told_before_it_is_saved(served_shop: ServedShop) -> None:
    with served_shop.visit("eva") as seen:
        page = seen.go("segments/cooling/edit")
        page.get_by_role("group", name="Condición 2").get_by_label("Cuántos").fill("2")
        effect = page.locator(".builder-side .facts")
        found = served_shop.workspace.segments.preview(
            "cooling", "did order_completed in last 6 months and never order_completed in last 2 months"
        )
        expect(effect).to_contain_text(f"+{len(found.change.entering)}")
        page.get_by_role("button", name="Deshacer").click()
        expect(page.get_by_text("Nadie entra ni sale.")).to_be_visible()
        seen.must_be_clean()


@pytest.mark.slow
def test_the_language_changes_everything_and_stays(served_shop: ServedShop) -> None:
    with served_shop.visit("eva") as seen:
        page = seen.go("segments/cooling")
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Cooling down")
        expect(page.locator(".sentence")).to_contain_text("placed an order in the last 6 months")
        expect(page.locator("html")).to_have_attribute("lang", "en")
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("Cooling down")
        page.get_by_role("button", name="Español").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Se están enfriando")
        seen.must_be_clean()


@pytest.mark.slow
def test_every_view_has_its_address_and_the_way_back(served_shop: ServedShop) -> None:
    with served_shop.visit("marta") as seen:
        page = seen.go("segments")
        page.get_by_label("Buscar un segmento").fill("leads")
        page.get_by_role("link", name="Leads de formulario").click()
        page.get_by_role("tab", name="Historia").click()
        expect(page).to_have_url(re.compile(r"#/segments/leads_form\?view=history$"))
        page.reload()
        expect(page.get_by_role("tab", name="Historia")).to_have_attribute("aria-selected", "true")
        page.go_back()
        page.go_back()
        expect(page.get_by_label("Buscar un segmento")).to_have_value("leads")
        page.goto(f"{seen.address}#/no/such/page")
        expect(page.get_by_text("Esta página no existe")).to_be_visible()
        page.goto(f"{seen.address}#/segments/no_such_segment")
        expect(page.get_by_text("no_such_segment")).to_be_visible()
        seen.must_be_clean()


@pytest.mark.slow
def test_a_raw_list_needs_a_reason_and_is_written_down(served_shop: ServedShop) -> None:
    with served_shop.visit("marta") as seen:
        page = seen.go("segments/big_spenders")
        page.get_by_role("button", name="Exportar").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Exportar a todos").check()
        go = dialog.get_by_role("button", name=re.compile(r"^Exportar \d"))
        expect(go).to_be_disabled()
        dialog.get_by_label("Motivo").fill("auditoría interna")
        with page.expect_download():
            go.click()
        page = seen.go("settings")
        expect(page.locator("section", has_text="Listas sacadas")).to_contain_text("auditoría interna")
        seen.must_be_clean()


@pytest.mark.slow
def test_a_segment_of_the_catalogue_is_added_with_one_click(served_shop: ServedShop) -> None:
    with served_shop.visit("eva") as seen:
        page = seen.go("catalog")
        card = page.locator(".entry", has=page.get_by_role("button", name=re.compile("^Añadir «"))).first
        name = card.locator("h3").inner_text()
        card.get_by_role("button", name=re.compile("^Añadir «")).click()
        mine = page.locator(".entry", has=page.get_by_role("heading", name=name, exact=True))
        mine.get_by_role("link", name="Añadido: ver").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        seen.must_be_clean()


@pytest.mark.slow
def test_two_people_are_merged_and_made_two_again(served_shop: ServedShop) -> None:
    rows = [row for row in served_shop.workspace.profiles.search("", limit=60).rows if row["email"]]
    one, other = rows[5], rows[9]
    with served_shop.visit("eva") as seen:
        page = seen.go(f"people/{one['profile_id']}?view=identity")
        page.get_by_role("button", name="Unir con otra").click()
        page.get_by_label("Con quién").fill(str(other["email"]))
        page.get_by_role("dialog").get_by_role("button", name="Unir", exact=True).click()
        expect(page.locator("main")).to_contain_text(str(other["email"]))
        page.locator("section", has_text="Decisiones a mano").get_by_role("button", name="Deshacer").click()
        expect(page.locator("section", has_text="Identificadores").first).not_to_contain_text(str(other["email"]))
        seen.must_be_clean()


@pytest.mark.slow
def test_an_older_rule_is_compared_and_restored(served_shop: ServedShop) -> None:
    ws = served_shop.workspace
    older, newer = "did order_completed in last 30 days", "did order_completed in last 120 days"
    for rule in (older, newer):
        ws.segments.define("with_a_past", rule, name={"es": "Con pasado", "en": "With a past"}, replace=True)
        ws.jobs.run()
    expected = ws.segments.preview("with_a_past", older).change
    with served_shop.visit("eva") as seen:
        page = seen.go("segments/with_a_past?view=versions")
        expect(page.locator(".versions > li")).to_have_count(2)
        expect(page.locator(".versions > li").first).to_contain_text("La regla de ahora")
        page.get_by_role("button", name=re.compile("^Ver la diferencia")).click()
        expect(page.locator(".difference del")).to_contain_text("120")
        expect(page.locator(".difference ins")).to_contain_text("30")
        expect(page).to_have_url(re.compile(r"view=versions&version=[0-9a-f]+$"))
        # the view is left and come back to as any other
        page.get_by_role("tab", name="Historia").click()
        page.go_back()
        page.get_by_role("button", name=re.compile("^Restaurar")).click()
        dialog = page.get_by_role("dialog")
        expect(dialog.locator(".facts")).to_contain_text(f"−{len(expected.leaving)}")
        dialog.get_by_role("button", name="Restaurar").click()
        expect(dialog).to_have_count(0)
        expect(page.locator("main .sentence").first).to_contain_text("en los últimos 30 días")
        found = ws.segments.find("with_a_past")
        assert (found.when, found.name["es"]) == (older, "Con pasado")
        expect(page.locator(".job-now")).to_have_count(0)
        seen.must_be_clean()
    with served_shop.visit("luis") as seen:
        page = seen.go("segments/with_a_past?view=versions")
        expect(page.get_by_role("button", name=re.compile("^Restaurar"))).to_have_count(0)
        seen.must_be_clean()


@pytest.mark.slow
def test_who_moved_between_the_groups_of_rfm_is_seen(served_shop: ServedShop) -> None:
    found = served_shop.workspace.traits.rfm_movement(since="2026-01-10")
    largest = max((each for each in found.moves if each.before != each.after), key=lambda each: each.profiles)
    with served_shop.visit("eva") as seen:
        page = seen.go("rfm")
        page.get_by_role("tab", name="Movimiento").click()
        page.get_by_label("Desde").fill("2026-01-10")
        page.get_by_role("button", name="Ver", exact=True).click()
        expect(page).to_have_url(re.compile(r"view=movement&start=2026-01-10$"))
        moves = page.get_by_role("region", name="De qué grupo a qué grupo")
        expect(moves.get_by_role("row").nth(1)).to_contain_text(str(largest.profiles))
        champions = page.get_by_role("region", name="Cada grupo").get_by_role("row", name="Campeones")
        expect(champions).to_contain_text(f"{found.before['champions']}")
        expect(champions).to_contain_text(f"{found.after['champions']}")
        page.get_by_role("tab", name="Umbrales").click()
        expect(page.get_by_role("row", name=re.compile("^5"))).to_contain_text("€")
        seen.must_be_clean()


@pytest.mark.slow
def test_rejected_rows_are_seen_mended_and_imported_again(empty_shop: ServedShop, tmp_path: Path) -> None:
    file = tmp_path / "pedidos.csv"
    file.write_text(
        "Pedido;Correo;Fecha;Fecha real;Total\nA1;ana@example.com;01/05/2026;;10,00\n"
        "A2;luis@example.com;pronto;13/05/2026;20,00\nA3;eva@example.com;14/05/2026;;gratis\n",
        "utf-8",
    )
    ws = empty_shop.workspace
    ws.imports.run("orders", file)
    ws.jobs.run()
    empty_shop.let_in()
    with empty_shop.visit("eva") as seen:
        page = seen.go("data")
        page.get_by_role("link", name="Ver las 2 filas rechazadas de pedidos.csv").click()
        expect(page).to_have_url(re.compile(r"#/data\?rejected=1$"))
        rows = page.get_by_role("region", name="Las filas")
        expect(rows).to_contain_text("luis@example.com")
        expect(rows).to_contain_text("gratis")
        page.get_by_label("Se lee «Fecha real» como").select_option("occurred_at")
        page.get_by_role("button", name="Volver a importar", exact=True).click()
        expect(page.locator(".facts-row dd").nth(1)).to_have_text("1")
        with page.expect_download() as begun:
            page.get_by_role("button", name="Descargar en CSV").click()
        with begun.value.path().open(encoding="utf-8", newline="") as opened:
            told = list(csv.DictReader(opened))
        mended = tmp_path / "corregido.csv"
        with mended.open("w", encoding="utf-8", newline="") as opened:
            writer = csv.DictWriter(opened, list(told[0]))
            writer.writeheader()
            right = {"2": {"Fecha": "13/05/2026"}, "3": {"Total": "30,00"}}
            writer.writerows({**each, **right[each["tesela_row"]]} for each in told)
        page.get_by_role("button", name="Corregir otra vez").click()
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Subir el fichero corregido").click()
        chooser.value.set_files(mended)
        expect(page.locator(".facts-row dd").nth(3)).to_have_text("0")
        assert ws.segments.count("did order_completed").count == 3
        seen.must_be_clean()
    with empty_shop.visit("luis") as seen:
        page = seen.go("data?rejected=1")
        expect(page.get_by_text("Tu papel no permite ver lo que había")).to_be_visible()
        assert "@" not in page.locator("main").inner_text()
        seen.must_be_clean()


@pytest.mark.slow
def test_nothing_that_is_stored_runs_as_a_script(empty_shop: ServedShop, tmp_path: Path) -> None:
    payload = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
    file = tmp_path / "people.csv"
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened)
        writer.writerow(["email", "first_name", "last_name", "city", payload])
        writer.writerows([f"a{n}@example.com", payload, payload, payload, payload] for n in range(3))
    ws = empty_shop.workspace
    ws.imports.run("contacts", file)
    ws.segments.define("hostile", "email is set", name={"es": payload, "en": payload}, description={"es": payload})
    ws.jobs.run()
    own = ws.folder / "checks"
    own.mkdir(exist_ok=True)
    words = {word: {"es": payload, "en": payload} for word in ("name", "description", "why", "advice")}
    (own / "hostile.yaml").write_text(json.dumps({"hostile_check": {**words, "when": "email is set"}}), "utf-8")
    ws.audit.run()
    empty_shop.let_in()
    with empty_shop.visit("marta") as seen:
        policy: list[str] = []
        seen.page.on("console", lambda told: "Content Security Policy" in told.text and policy.append(told.text))
        first = ws.profiles.search("", limit=1).rows[0]["profile_id"]
        places = [
            "",
            "segments",
            "segments/hostile",
            "segments/hostile?view=members",
            "segments/hostile/edit",
            "people",
        ]
        places += [
            "people",
            f"people/{first}",
            f"people/{first}?view=traits",
            f"people/{first}?view=identity",
            "map",
            "data",
            "audit",
            *(f"audit?view={view}" for view in ("fixes", "reactions", "growth", "data", "history")),
            *(f"audit/{each.check.key}" for each in ws.audit.newest().findings if each.count),
        ]
        assert "audit/hostile_check" in places
        for place in places:
            page = seen.go(place)
            assert page.title() != "taken", place
            assert page.locator("img[src=x]").count() == 0, place
        assert not policy
        assert not seen.complaints
