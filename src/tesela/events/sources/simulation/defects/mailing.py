"""People who should not be written to any more, a list that was bought, and permissions that do not hold."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tesela.events.sources.simulation.names import COMPANIES, FAMILIES, MEN
from tesela.events.sources.simulation.places import PROVINCES

if TYPE_CHECKING:
    from tesela.events.sources.simulation.defects.planting import Planting
    from tesela.events.sources.simulation.defects.sheets import Row

_FORTNIGHTLY = tuple(range(10, 175, 15))
_LIST_CAME_DAYS_AGO = 40
_DISPOSABLE = ("yopmail.com", "mailinator.com", "guerrillamail.com", "10minutemail.com")
_ROLES = ("info", "ventas", "admin", "contacto", "pedidos")


def plant_silence(shop: Planting) -> None:
    """Add people who have fallen silent: buyers asleep, buyers lost, people who never opened or never bought."""
    for n in range(shop.usual):
        asleep = shop.add_account(340 - n / 10)
        shop.add_consent(asleep["email"], 339)
        shop.add_order(asleep, 300)
        shop.add_order(asleep, 250)
        shop.send(asleep["email"], (240, 220), opened=True)
        shop.send(asleep["email"], _FORTNIGHTLY)
        for check in ("dormant", "mailed_in_vain", "buyers_asleep"):
            shop.plant(check, [asleep])
        lost = shop.add_account(900 - n)
        shop.add_consent(lost["email"], 400)
        shop.add_order(lost, 800)
        shop.add_order(lost, 700)
        for check in ("lost", "buyers_asleep"):
            shop.plant(check, [lost])
        deaf = shop.add_account(200 - n / 10)
        shop.add_consent(deaf["email"], 199)
        shop.send(deaf["email"], _FORTNIGHTLY)
        for check in ("never_opened", "mailed_in_vain", "non_buyers_by_age"):
            shop.plant(check, [deaf])
        looking = shop.add_account(190 - n / 10)
        shop.add_consent(looking["email"], 189)
        shop.send(looking["email"], (60, 40, 20), opened=True)
        shop.plant("non_buyers_by_age", [looking])
        machine = shop.add_account(180 - n / 10)
        shop.add_consent(machine["email"], 179)
        shop.add_order(machine, 20)
        shop.send(machine["email"], _FORTNIGHTLY, by_machine=True)
        shop.plant("machine_opens", [machine])


def plant_bought_list(shop: Planting) -> None:
    """Let a list come in that was bought: on one day, of nobody knows where, without consent, and written to at once."""
    day = (shop.stop - timedelta(days=_LIST_CAME_DAYS_AGO)).strftime("%d/%m/%Y")
    count = max(60, len(shop.accounts.rows) // 12)
    for n in range(count):
        company = COMPANIES[n % len(COMPANIES)]
        is_role = n % 4 == 0
        local = _ROLES[n % len(_ROLES)] if is_role else f"{company}{n}"
        row = {
            "EMAIL": f"{local}@{company}{n}.es" if is_role else f"{local}@listado-empresas.es",
            "NOMBRE": MEN[n % len(MEN)],
            "APELLIDOS": f"{FAMILIES[n % 97]} {FAMILIES[(7 * n) % 89]}",
            "PROVINCIA": PROVINCES[n % 50][1],
            "FECHA ALTA": day,
            "FUENTE": "",
        }
        shop.bought.put(row)
        for field in ("phone", "birth_date", "country", "postal_code"):
            shop.plant(f"empty_{field}", [row])
        for check in ("bulk_arrival", "no_source", "list_signs", "mailed_without_permission"):
            shop.plant(check, [row])
        shop.plant("email_role" if is_role else "uniform_domains", [row])
        for days in (35.0, 25.0, 15.0, 5.0):
            shop.add_mail(row["EMAIL"], "sent", days)
            if n % 5 == 0:
                shop.add_mail(row["EMAIL"], "bounced", days - 0.01, bounce_type="hard")
                shop.plant("bounces", [row])
                break
            shop.add_mail(row["EMAIL"], "delivered", days)
            if n % 7 == 0:
                shop.add_mail(row["EMAIL"], "marked as spam", days - 0.2)
                shop.plant("complaints", [row])
                break
        else:
            shop.plant("never_opened", [row])


def plant_addresses(shop: Planting) -> None:
    """Let people give addresses that reach nobody for long, or several people."""
    for n, row in enumerate(shop.take()):
        address = f"{row['email'].partition('@')[0]}@{_DISPOSABLE[n % len(_DISPOSABLE)]}"
        shop.rename({row["email"]: address})
        shop.plant("email_disposable", [row])
    nowhere = shop.take()
    gone = {row["email"]: row for row in nowhere}
    shop.consents.rows = [row for row in shop.consents.rows if row["email"] not in gone]
    shop.drop_mail(gone)
    for email in gone:
        shop.add_consent(email, 10, status="no", method="unsubscribe link", wording="")
    shop.plant("no_channel", nowhere)


def plant_permissions(shop: Planting) -> None:
    """Let yeses lack their proof, be old, or be followed by a no that was not heeded."""
    unproved, old, left = shop.take(), shop.take(), shop.take()
    said = {row["email"]: row for row in shop.consents.rows if row["channel"] == "email"}
    for row in unproved:
        said[row["email"]].update(method="", wording="")
    shop.plant("consent_unproved", unproved)
    for row in old:
        said[row["email"]]["consent_at"] = shop.ago(4 * 365)
        row["created_at"] = shop.ago(4 * 365)
    shop.plant("consent_old", old)
    for n, row in enumerate(left):
        shop.add_mail(row["email"], "unsubscribed", 60 + n % 20)
        shop.send(row["email"], (30, 15), opened=True)
    shop.plant("mailed_without_permission", left)


def exclusion_list(shop: Planting) -> list[Row]:
    """Return the rows of a list of people who want no advertising: nobody of the shop stands on it."""
    return [{"email": f"robinson{n}@lista-de-otros.es"} for n in range(50)]
