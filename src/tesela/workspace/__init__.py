"""The wiring: settings, stores, clock and jobs behind one open workspace."""

from tesela.workspace import access, background, versions
from tesela.workspace.backup import back_up
from tesela.workspace.catalog import Offer
from tesela.workspace.cleaning import CleaningReport
from tesela.workspace.consents import ConsentPage
from tesela.workspace.demo import make_demo
from tesela.workspace.engine_check import EngineFinding, inspect_engine
from tesela.workspace.erasing import ErasureSummary
from tesela.workspace.folder import SETTINGS_FILE
from tesela.workspace.imports import ImportResult, Proposal
from tesela.workspace.jobs import RefreshSummary, RunSummary
from tesela.workspace.matching import MatchSummary
from tesela.workspace.measuring import CoverageReport, Movements
from tesela.workspace.people import PersonPage
from tesela.workspace.retaining import RetentionSummary
from tesela.workspace.settings import Settings
from tesela.workspace.sheets import write_sheet
from tesela.workspace.telling import PersonExport
from tesela.workspace.workspace import (
    Workspace,
    init_workspace,
    open_workspace,
    rebuild_workspace,
    restore_workspace,
)

__all__ = [
    "SETTINGS_FILE",
    "CleaningReport",
    "ConsentPage",
    "CoverageReport",
    "EngineFinding",
    "ErasureSummary",
    "ImportResult",
    "MatchSummary",
    "Movements",
    "Offer",
    "PersonExport",
    "PersonPage",
    "Proposal",
    "RefreshSummary",
    "RetentionSummary",
    "RunSummary",
    "Settings",
    "Workspace",
    "access",
    "back_up",
    "background",
    "init_workspace",
    "inspect_engine",
    "make_demo",
    "open_workspace",
    "rebuild_workspace",
    "restore_workspace",
    "versions",
    "write_sheet",
]
