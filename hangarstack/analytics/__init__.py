"""Read models: the tables that the services keep and the queries that the pages ask."""
