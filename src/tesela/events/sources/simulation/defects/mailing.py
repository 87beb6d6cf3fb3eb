"""People who should not be written to any more, a list that was bought, and permissions that do not hold."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tesela.events.sources.simulation.names import COMPANIES, FAMILIES, MEN, fold
from tesela.events.sources.simulation.places import PROVINCES

if TYPE_CHECKING:
    from tesela.events.sources.simulation.defects.planting import Planting
    from tesela.events.sources.simulation.defects.sheets import Row

_FORTNIGHTLY = tuple(range(10, 175, 15))
_LIST_CAME_DAYS_AGO = 40
_QUARTER = 90
_LEADS = 80
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
        shop.send(looking["email"], (150, 120), opened=True)
        shop.plant("non_buyers_by_age", [looking])
        machine = shop.add_account(180 - n / 10)
        shop.add_consent(machine["email"], 179)
        shop.add_order(machine, 20)
        opens = shop.send(machine["email"], _FORTNIGHTLY, by_machine=True)
        shop.plant(
            "machine_opens",
            [each for each, days in zip(opens, _FORTNIGHTLY, strict=True) if days < _QUARTER],
            unit="messages",
        )
        shop.plant("never_opened", [machine])
        forgotten = shop.add_account(1600 - n)
        shop.add_consent(forgotten["email"], 1500 - n)
        for check in ("consent_old", "lost", "non_buyers_by_age"):
            shop.plant(check, [forgotten])


def plant_bought_list(shop: Planting) -> None:
    """Let a list come in that was bought: on one day, from nobody knows where, without consent."""
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
        for check in ("bulk_arrival", "no_source"):
            shop.plant(check, [row])
        for days in (35.0, 25.0, 15.0, 5.0):
            shop.add_mail(row["EMAIL"], "sent", days)
            if n % 5 == 0:
                shop.add_mail(row["EMAIL"], "bounced", days - 0.01, bounce_type="hard")
                shop.plant("bounces", [row])
                break
            shop.add_mail(row["EMAIL"], "delivered", days)
            if n % 7 == 0:
                spam = shop.add_mail(row["EMAIL"], "marked as spam", days - 0.2)
                shop.plant("complaints", [spam["message_id"]], unit="messages")
                break
        else:
            # an address that bounced or complained is set aside at once
            shop.plant("mailed_without_permission", [row])
            if is_role:
                shop.plant("email_role", [row])
    # whoever came by herself on that day cannot be told from them
    came = shop.ago(_LIST_CAME_DAYS_AGO, "%Y-%m-%d")
    shop.plant("bulk_arrival", [row for row in shop.accounts.rows if row["created_at"].startswith(came)])
    for check in ("uniform_domains", "list_signs"):
        shop.plant(check, ["bought"], unit="sources")


def plant_sweepstake(shop: Planting) -> None:
    """Let a sweepstake bring people who like to read and never buy."""
    for n in range(_LEADS):
        first, families = MEN[n % len(MEN)], f"{FAMILIES[(3 * n) % 97]} {FAMILIES[(11 * n) % 89]}"
        row = {
            "Email": f"sorteo.{n}.{fold(first)}@gmail.com",
            "Nombre y apellidos": f"{first} {families}",
            "Teléfono móvil": f"+3468{(n * 4_035_361 + 1_357_911) % 10**7:07d}",
            "Fecha de nacimiento": f"{1 + n % 28:02d}/{1 + n % 12:02d}/{1960 + n % 40}",
            "Fecha de registro": shop.ago(200 - n / 2, "%d/%m/%Y %H:%M:%S"),
            "Sorteo": "Viaje a Menorca",
            "Procedencia": "Sorteo",
        }
        shop.sweepstake.put(row)
        shop.add_consent(row["Email"], 199 - n / 2, collected_by="sweepstake")
        shop.send(row["Email"], (100, 50, 20), opened=True)
        for field in ("country", "postal_code"):
            shop.plant(f"empty_{field}", [row])
    shop.plant("source_without_buyers", ["sweepstake"], unit="sources")


def plant_addresses(shop: Planting) -> None:
    """Let people give addresses that reach nobody for long, or several people."""
    for n, row in enumerate(shop.take()):
        address = f"{row['email'].partition('@')[0]}@{_DISPOSABLE[n % len(_DISPOSABLE)]}"
        shop.rename({row["email"]: address})
        shop.plant("email_disposable", [row])
    traps = shop.take()
    for n, row in enumerate(traps):
        shop.drop_mail([row["email"]])
        shop.rename({row["email"]: f"{('abuse', 'spam')[n % 2]}@dominio-cualquiera{n}.es"})
    for check in ("trap_signs", "email_role"):
        shop.plant(check, traps)
    nowhere = shop.take()
    gone = {row["email"] for row in nowhere}
    shop.drop_mail(gone)
    for email in gone:
        shop.add_consent(email, 10, status="no", method="unsubscribe link", wording="")
    children = shop.take()
    for row in children:
        row["birth_date"] = "2016-05-05"
    shop.plant("minors", children)


def plant_permissions(shop: Planting) -> None:
    """Let yeses lack their proof, be old, or be followed by a no that was not heeded."""
    unproved, left, leaving = shop.take(), shop.take(), shop.take(3 * shop.usual)
    said = {row["email"]: row for row in shop.consents.rows if row["channel"] == "email"}
    for row in unproved:
        said[row["email"]].update(method="", wording="")
    shop.plant("consent_unproved", unproved)
    for n, row in enumerate(left):
        gone = shop.add_mail(row["email"], "unsubscribed", 60 + n % 20)
        shop.send(row["email"], (30, 15), opened=True)
        shop.plant("unsubscribes_rising", [gone["message_id"]], unit="messages")
    for check in ("mailed_without_permission", "mailed_after_unsubscribe"):
        shop.plant(check, left)
    for n, row in enumerate(leaving):
        days = 20 + n % 30
        shop.drop_mail([row["email"]], since=shop.ago(days))
        gone = shop.add_mail(row["email"], "unsubscribed", days)
        shop.plant("unsubscribes_rising", [gone["message_id"]], unit="messages")


def note_unreachable(shop: Planting) -> None:
    """Register whom no channel reaches: nothing of theirs said yes last, and nothing of theirs was set aside."""
    said: dict[tuple[str, str], tuple[str, str]] = {}
    for row in shop.consents.rows:
        address = row["email"] if row["channel"] == "email" else row["phone"]
        for told in (address, row["customer_id"]):
            if told:
                key = row["channel"], told
                said[key] = max(said.get(key, ("", "")), (row["consent_at"], row["status"]))
    for row in shop.mail.rows:
        if row["event"] in ("unsubscribed", "marked as spam"):
            key = "email", row["email"]
            said[key] = max(said.get(key, ("", "")), (row["timestamp"], "no"))
    yes = {address for (_, address), (_, status) in said.items() if status == "yes"}
    aside = {row["email"] for row in shop.mail.rows if row["event"] in ("bounced", "marked as spam")}
    for row in shop.accounts.rows:
        if yes.isdisjoint((row["email"], row["phone"], row["customer_id"])):
            shop.plant("no_channel", [row])
    shop.plant("no_channel", [row for row in shop.bought.rows if row["EMAIL"] not in yes | aside])


def exclusion_list() -> list[Row]:
    """Return the rows of a list of people who want no advertising: nobody of the shop stands on it."""
    return [{"email": f"robinson{n}@lista-de-otros.es"} for n in range(50)]
