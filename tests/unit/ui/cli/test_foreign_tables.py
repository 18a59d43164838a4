"""Tables of other programs, as they come, through the command line: in once, and nothing new the second time."""

from pathlib import Path

from tests.unit.ui.cli.conftest import Profile

TABLES = Path(__file__).with_name("foreign_tables")
FILES: tuple[tuple[str, str, int, list[str]], ...] = (
    ("account", "northwind_customers", 3, []),
    ("account", "constituents", 4, []),
    ("account", "dataloader_accounts", 3, ["unknown_reference", "unreadable_cell"]),
    ("opportunity", "dataloader_opportunities", 3, ["unknown_reference", "unknown_reference", "unreadable_cell"]),
    ("product", "northwind_products", 3, []),
)


def test_foreign_tables_go_in_once(profile: Profile) -> None:
    for entity, name, rows, problems in FILES:
        file = str(TABLES / f"{name}.csv")
        first = profile.ask("import", entity, file)
        assert (first["rows"], first["created"]) == (rows, rows), name
        assert [problem["message_code"] for problem in first["problems"]] == problems, name
    waiting = len(profile.ask("outbox"))
    for entity, name, rows, problems in FILES:
        said = profile.say("import", entity, str(TABLES / f"{name}.csv")).splitlines()
        assert said[0] == f"{rows} rows: 0 new, 0 changed, {rows} unchanged, {len(problems)} with problems."
        assert all(line.count("Line ") == 1 for line in said[1 : 1 + len(problems)]), said
    assert len(profile.ask("outbox")) == waiting
    accounts = {row["name"]: row for row in profile.ask("list", "account")}
    assert "Pébéo of America" in accounts
    address = profile.ask("list", "address")
    assert "05021" in {row["postal_code"] for row in address}
    stages = {row["name"]: row["stage"] for row in profile.ask("list", "opportunity")}
    assert stages["George Foundation - 5000 Widgets"] == "won"
