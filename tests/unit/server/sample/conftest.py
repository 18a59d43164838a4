from pathlib import Path

import pytest

# Same columns as Northwind, other content, with the odd cases of real exports: an empty cell where a key is
# expected, an employee without orders or territories, foreign keys that lead nowhere, names outside ASCII.
SMALL = {
    "employees": "EmployeeID,LastName,FirstName,Title,ReportsTo\n"
    "10,!!!,,Vertreter,1\n1,Österreich,,Leitung,\n2,Łódź,Zoë,Vertreter,1\n3,Lodz,Zoe,Inside Sales,1\n",
    "regions": "RegionID,RegionDescription\n1,Nord  \n2,Süd\n",
    "territories": "TerritoryID,TerritoryDescription,RegionID\n00100,Küste,1\n00200,Alpen,2\n00300,Nirgends,9\n",
    "employee_territories": "EmployeeID,TerritoryID\n2,00100\n10,00200\n10,99999\n",
    "customers": "CustomerID,CompanyName,ContactName,ContactTitle,Address,City,Region,PostalCode,Country,Phone,Fax\n"
    "BÄCK,Bäckerei Süß,Jörg Süß,Inhaber,Hauptstr. 1,Köln,,01067,Germany,0221 1,\n"
    "LEER,,,,,,,,,,\nNEU,Neukunde AG,,,,Graz,,,Austria,,\nNEU,Doppelt,,,,,,,,,\n",
    "categories": "CategoryID,CategoryName\n1,Beverages\n2,Werkzeug\n",
    "products": "ProductID,ProductName,CategoryID,QuantityPerUnit,UnitPrice,Discontinued\n"
    "T1,Öl,1,1 l,0.85,0\nT2,Säge,2,Stück,1.005,1\nT3,Frei,7,,,0\n",
    "shippers": "ShipperID,CompanyName\n1,Bahn\n",
    "orders": "OrderID,CustomerID,EmployeeID,OrderDate,RequiredDate,ShippedDate,ShipVia,Freight,ShipName,ShipCity\n"
    "A-1,BÄCK,10,2020-02-29,,2020-03-01,1,,Bäckerei,Köln\nA-2,BÄCK,2,2020-03-02 00:00:00,,,9,1.5,,\n"
    "A-3,FEHLT,2,2020-03-03,,,1,1,,\n",
    "order_details": "OrderID,ProductID,UnitPrice,Quantity,Discount\n"
    "A-1,T1,0.85,3,0\nA-1,T2,1.005,1,\nA-1,T9,10,1,0\nA-3,T1,0.85,1,0\nA-2,T1,,1,0\n",
}


@pytest.fixture
def small_folder(tmp_path: Path) -> Path:
    for name, text in SMALL.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path
