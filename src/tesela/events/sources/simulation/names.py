"""What people are called: given names, family names with particles, accents and ñ, and how often each is met."""

from __future__ import annotations

import unicodedata

# most frequent first; frequencies fall with the rank
WOMEN = (
    "María Carmen", "María", "Carmen", "Ana María", "Laura", "María Pilar", "Isabel", "Cristina", "Marta", "Lucía",
    "Ana", "Paula", "Elena", "Raquel", "Rocío", "Begoña", "Inés", "Sofía", "Mª Ángeles", "Nuria", "Sara", "Patricia",
    "Irene", "Julia", "Noelia", "Ángela", "Miriam", "Andrea", "Montserrat", "Itziar", "Ainhoa", "Uxía", "Mireia",
    "Verónica", "María José", "Alba", "Candela", "Jimena", "Leire", "Estefanía",
)  # fmt: skip
MEN = (
    "Antonio", "José", "Manuel", "Francisco", "David", "Juan", "Javier", "José Antonio", "Daniel", "José Luis",
    "Carlos", "Jesús", "Alejandro", "Miguel", "Pablo", "Rafael", "Sergio", "Ángel", "Fernando", "Adrián", "Álvaro",
    "Iñaki", "Jordi", "Víctor", "Rubén", "Óscar", "Iván", "Raúl", "Íñigo", "Xoán", "Joaquín", "Andrés", "Martín",
    "Hugo", "Mateo", "Nicolás", "Gonzalo", "Ignacio", "Unai", "Oriol",
)  # fmt: skip
FAMILIES = (
    "García", "Rodríguez", "González", "Fernández", "López", "Martínez", "Sánchez", "Pérez", "Gómez", "Martín",
    "Jiménez", "Hernández", "Ruiz", "Díaz", "Moreno", "Muñoz", "Álvarez", "Romero", "Gutiérrez", "Alonso", "Navarro",
    "Torres", "Domínguez", "Ramos", "Vázquez", "Ramírez", "Gil", "Serrano", "Blanco", "Molina", "Morales", "Suárez",
    "Ortega", "Delgado", "Castro", "Ortiz", "Rubio", "Marín", "Sanz", "Núñez", "Iglesias", "Medina", "Garrido",
    "Cortés", "Castillo", "Santos", "Lozano", "Guerrero", "Cano", "Prieto", "Méndez", "Cruz", "Calvo", "Gallego",
    "Vidal", "León", "Márquez", "Herrera", "Peña", "Flores", "Cabrera", "Campos", "Vega", "Fuentes", "Carrasco",
    "Diez", "Reyes", "Caballero", "Nieto", "Aguilar", "Pascual", "Santana", "Herrero", "Montero", "Lorenzo",
    "Hidalgo", "Giménez", "Ibáñez", "Ferrer", "Durán", "Santiago", "Benítez", "Vargas", "Mora", "Vicente", "Arias",
    "Carmona", "Crespo", "Román", "Pastor", "Soto", "Sáez", "Velasco", "Moya", "Soler", "Parra", "Esteban", "Bravo",
    "Gallardo", "Rojas", "de la Fuente", "del Río", "de Miguel", "de la Cruz", "del Pozo", "de los Santos", "San José",
    "Etxebarria", "Goñi", "Puig", "Ferreiro", "Zabala", "Yáñez", "Ochoa", "Bosch", "Castañeda", "Peñalver", "Avendaño",
)  # fmt: skip
COMPANIES = ("textil", "reformas", "asesoria", "floristeria", "talleres", "peluqueria", "clinica", "gestoria")

# how letters of UTF-8 look when they were read as Windows-1252; only those that come out printable
MOJIBAKE = {
    letter: letter.encode("utf-8").decode("cp1252") for letter in "áéíóúñü" if letter != "í"
} | {"í": "Ã\xad"}  # fmt: skip


def fold(name: str) -> str:
    """Return a name as people type it into an address: no accents, no blanks, lower case."""
    return slug(name.replace("ª", "aria")).replace("-", "")


def slug(words: str) -> str:
    """Return words as they stand in the address of a page: no accents, hyphens between them, lower case."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(letter if letter.isalnum() else " " for letter in plain).split())


def spoil(name: str) -> str:
    """Return a name as it looks after its UTF-8 was read as Windows-1252."""
    return "".join(MOJIBAKE.get(letter, letter) for letter in name)
