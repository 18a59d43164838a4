"""Sample data: Microsoft's Northwind as it is, and an invented, labelled demo layer on top."""
