"""The fields by which people are compared, and the names under which other fields tell them."""

from __future__ import annotations

FIELDS = (
    "first_name",
    "last_name",
    "birth_date",
    "email",
    "phone",
    "loyalty_card",
    "document",
    "postal_code",
    "city",
    "street",
    "occupation",
    "gender",
)
"""What is compared, in the order in which people are shown it."""

OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "street": (
        *("street_number", "house_number", "numero", "num", "address", "address_1", "address1", "street", "calle"),
        *("direccion", "direccion_1", "direccion1", "domicilio", "via", "billing_address", "billing_address_1"),
        *("default_address_address1", "address_2", "address2", "direccion_2", "direccion2", "billing_address_2"),
    ),
    "document": (
        *("document", "document_number", "documento", "dni", "nif", "nie", "cif", "dni_nif", "nif_cif", "tax_id"),
        *("vat_number", "national_id", "passport", "pasaporte", "rut", "curp", "rfc", "cuit", "cedula", "soc_sec_id"),
    ),
    "occupation": ("occupation", "ocupacion", "profesion", "profession", "job", "job_title", "puesto", "cargo"),
}
"""Fields that are no column of `profiles`: names of other fields that tell them, letters and figures alone."""
