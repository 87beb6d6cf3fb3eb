"""Who may do what: people with a role and a password, sessions, keys for programs, and what was taken out."""

from tesela.workspace.access.gate import Gate
from tesela.workspace.access.keys import Key
from tesela.workspace.access.scopes import ROLES, SCOPES, Holder, Role, Scope
from tesela.workspace.access.users import User

__all__ = [
    "ROLES",
    "SCOPES",
    "Gate",
    "Holder",
    "Key",
    "Role",
    "Scope",
    "User",
]
