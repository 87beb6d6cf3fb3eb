"""Where people live: Spain's provinces with the prefix of their postal codes, and a few cities of Latin America."""

from __future__ import annotations

# postal prefix, province, a town of it, people in tens of thousands
PROVINCES = (
    ("01", "Álava", "Vitoria-Gasteiz", 34), ("02", "Albacete", "Albacete", 39), ("03", "Alicante", "Elche", 198),
    ("04", "Almería", "Roquetas de Mar", 76), ("05", "Ávila", "Ávila", 16), ("06", "Badajoz", "Mérida", 67),
    ("07", "Illes Balears", "Palma", 123), ("08", "Barcelona", "L'Hospitalet de Llobregat", 588),
    ("09", "Burgos", "Miranda de Ebro", 36), ("10", "Cáceres", "Plasencia", 39), ("11", "Cádiz", "Jerez", 126),
    ("12", "Castellón", "Vila-real", 61), ("13", "Ciudad Real", "Puertollano", 49), ("14", "Córdoba", "Lucena", 77),
    ("15", "A Coruña", "Ferrol", 113), ("16", "Cuenca", "Cuenca", 20), ("17", "Girona", "Figueres", 82),
    ("18", "Granada", "Motril", 94), ("19", "Guadalajara", "Azuqueca de Henares", 28),
    ("20", "Gipuzkoa", "Donostia / San Sebastián", 73), ("21", "Huelva", "Lepe", 54), ("22", "Huesca", "Barbastro", 23),
    ("23", "Jaén", "Linares", 62), ("24", "León", "Ponferrada", 45), ("25", "Lleida", "Lleida", 45),
    ("26", "La Rioja", "Logroño", 32), ("27", "Lugo", "Monforte de Lemos", 32), ("28", "Madrid", "Móstoles", 701),
    ("29", "Málaga", "Marbella", 178), ("30", "Murcia", "Cartagena", 157), ("31", "Navarra", "Tudela", 68),
    ("32", "Ourense", "Ourense", 30), ("33", "Asturias", "Gijón", 101), ("34", "Palencia", "Palencia", 16),
    ("35", "Las Palmas", "Telde", 116), ("36", "Pontevedra", "Vigo", 95), ("37", "Salamanca", "Béjar", 33),
    ("38", "Santa Cruz de Tenerife", "La Laguna", 109), ("39", "Cantabria", "Torrelavega", 59),
    ("40", "Segovia", "Cuéllar", 16), ("41", "Sevilla", "Dos Hermanas", 197), ("42", "Soria", "Soria", 9),
    ("43", "Tarragona", "Reus", 85), ("44", "Teruel", "Alcañiz", 13), ("45", "Toledo", "Talavera de la Reina", 74),
    ("46", "Valencia", "Torrent", 271), ("47", "Valladolid", "Medina del Campo", 52),
    ("48", "Bizkaia", "Barakaldo", 116),
    ("49", "Zamora", "Benavente", 17), ("50", "Zaragoza", "Calatayud", 98), ("51", "Ceuta", "Ceuta", 8),
    ("52", "Melilla", "Melilla", 9),
)  # fmt: skip

# country, region, city, postal code, prefix of its mobile phones with the first digits, digits that follow
ABROAD = (
    ("México", "Ciudad de México", "Ciudad de México", "06700", "+5255", 8),
    ("Colombia", "Antioquia", "Medellín", "050021", "+5731", 8),
    ("Perú", "Lima", "Lima", "15074", "+519", 8),
)

SHOPS = (
    "Madrid Fuencarral",
    "Barcelona Gràcia",
    "Valencia Colón",
    "Sevilla Nervión",
    "Bilbao Gran Vía",
    "A Coruña Real",
)
