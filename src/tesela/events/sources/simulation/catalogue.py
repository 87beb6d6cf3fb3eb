"""What the shop sells: fashion and home, with categories, brands, prices, costs and how much each is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tesela.events.sources.simulation.names import slug

if TYPE_CHECKING:
    from numpy.typing import NDArray

SITE = "https://www.tienda-demo.example"
PRODUCTS = 500

# path, noun of the product, median price in euros, share of what is looked at
_CATEGORIES = (
    ("Mujer > Vestidos", "Vestido", 45, 14), ("Mujer > Camisetas y tops", "Camiseta", 18, 12),
    ("Mujer > Pantalones", "Pantalón", 38, 10), ("Mujer > Calzado > Botas", "Botas", 80, 6),
    ("Mujer > Calzado > Zapatillas", "Zapatillas", 65, 7), ("Mujer > Bolsos", "Bolso", 55, 7),
    ("Hombre > Camisas", "Camisa", 36, 8), ("Hombre > Pantalones", "Vaqueros", 42, 7),
    ("Hombre > Calzado > Zapatillas", "Zapatillas", 72, 6), ("Hombre > Abrigos", "Abrigo", 110, 3),
    ("Niños > Ropa", "Conjunto", 24, 7), ("Niños > Calzado", "Zapatos", 34, 3),
    ("Hogar > Textil > Sábanas", "Juego de sábanas", 39, 4), ("Hogar > Decoración > Cojines", "Cojín", 16, 4),
    ("Hogar > Cocina", "Vajilla", 48, 3), ("Accesorios > Joyería", "Collar", 22, 4),
)  # fmt: skip
_BRANDS = (
    "Alameda", "Brisa Norte", "Candil", "Duna", "Esparto", "Faro & Sal", "Lavanda", "Madroño", "Retama", "Ñandú",
)  # fmt: skip
_WORDS = (
    "básico", "de lino", "de algodón", "estampado", "clásico", "oversize",
    "de piel", "bordado", "ecológico", "rayas", "fluido", "trenzado",
)  # fmt: skip
_COLOURS = ("negro", "blanco", "azul marino", "camel", "verde oliva", "terracota", "crudo", "rosa palo")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The products, one place an array each; products of a category stand together.

    Attributes:
        ids, names, brands, paths: Texts, one a product.
        price, cost: Cents.
        in_stock: Whether it can be bought.
        urls: Page of each product.
        category: Place of its category.
        category_first, category_size: Where each category's products stand.
        category_share: How much each category is looked at, adding up to 1.
        category_paths, category_urls: Name and page of each category.
    """

    ids: list[str]
    names: list[str]
    brands: list[str]
    paths: list[str]
    price: NDArray[np.int64]
    cost: NDArray[np.int64]
    in_stock: NDArray[np.bool_]
    urls: list[str]
    category: NDArray[np.int64]
    category_first: NDArray[np.int64]
    category_size: NDArray[np.int64]
    category_share: NDArray[np.float64]
    category_paths: list[str]
    category_urls: list[str]

    def draw(self, rng: np.random.Generator, favourite: NDArray[np.int64]) -> NDArray[np.int64]:
        """Draw a product for each favourite category: two in three from it, the popular ones far more often."""
        n = len(favourite)
        other = np.searchsorted(np.cumsum(self.category_share), rng.random(n)).clip(0, len(self.category_share) - 1)
        category = np.where(rng.random(n) < 0.66, favourite, other)
        return self.category_first[category] + (self.category_size[category] * rng.random(n) ** 2.2).astype(np.int64)


def make_catalogue(rng: np.random.Generator) -> Catalogue:
    """Make the products that the shop sells throughout."""
    shares = np.array([row[3] for row in _CATEGORIES], float)
    shares /= shares.sum()
    size = np.maximum(1, np.floor(shares * PRODUCTS).astype(np.int64))
    size[0] += PRODUCTS - size.sum()
    category = np.repeat(np.arange(len(size)), size)
    median = np.array([row[2] for row in _CATEGORIES], float)[category]
    price = _shop_price(median * np.exp(rng.normal(0, 0.42, PRODUCTS)), rng.random(PRODUCTS))
    words, colours = rng.integers(0, len(_WORDS), PRODUCTS), rng.integers(0, len(_COLOURS), PRODUCTS)
    brands = rng.integers(0, len(_BRANDS), PRODUCTS)
    names = [
        f"{_CATEGORIES[c][1]} {_WORDS[w]} {_COLOURS[k]}"
        for c, w, k in zip(category.tolist(), words.tolist(), colours.tolist(), strict=True)
    ]
    ids = [f"SKU{10_000 + 7 * n}" for n in range(PRODUCTS)]
    pages = ["/".join(slug(part) for part in row[0].split(" > ")) for row in _CATEGORIES]
    return Catalogue(
        ids=ids,
        names=names,
        brands=[_BRANDS[b] for b in brands.tolist()],
        category_paths=[row[0] for row in _CATEGORIES],
        paths=[_CATEGORIES[c][0] for c in category.tolist()],
        price=price,
        cost=np.rint(price * rng.uniform(0.32, 0.62, PRODUCTS)).astype(np.int64),
        in_stock=rng.random(PRODUCTS) < 0.93,
        urls=[f"{SITE}/p/{slug(name)}-{sku.lower()}" for name, sku in zip(names, ids, strict=True)],
        category=category,
        category_first=np.concatenate([[0], np.cumsum(size)[:-1]]),
        category_size=size,
        category_share=shares,
        category_urls=[f"{SITE}/c/{page}" for page in pages],
    )


def _shop_price(euros: NDArray[np.float64], coin: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return prices as shops write them, in cents: most end in ,95, some in ,99, dear ones in ,00."""
    whole = np.maximum(3, np.rint(euros)).astype(np.int64) * 100
    ending = np.select([coin < 0.6, coin < 0.9], [5, 1], 0)
    found: NDArray[np.int64] = whole - ending
    return found
