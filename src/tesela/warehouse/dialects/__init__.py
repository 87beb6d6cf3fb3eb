"""How each engine writes what Tesela's plans ask of it; SQL nodes in, SQL nodes out."""
