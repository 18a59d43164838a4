import codecs
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_desktop.errors import InvalidInput
from crm_desktop.rules.delimited import read_table

TEXT = 'Name{d}Ort{d}Notiz\nKäserei Öhm{d}Köln{d}"Zeile 1\nZeile 2"\nBar Łódź{d}München{d}"sagt ""ja"""\n'


def cells(data: bytes) -> list[list[str]]:
    return [row.cells for row in read_table(data).rows]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_form_of_the_same_table_reads_alike(delimiter: str, encoding: str, newline: str) -> None:
    text = TEXT.replace("{d}", delimiter).replace("\n", newline)
    table = read_table(text.encode(encoding))
    assert table.delimiter == delimiter
    assert table.header == ["Name", "Ort", "Notiz"]
    assert [row.cells for row in table.rows] == [
        ["Käserei Öhm", "Köln", f"Zeile 1{newline}Zeile 2"],
        ["Bar Łódź", "München", 'sagt "ja"'],
    ]
    assert [row.line_number for row in table.rows] == [2, 4]
    assert table.problems == []


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Name,City\nPébéo of America,Montréal\n", "cp1252"),
        ("Name;Ort\nMüller & Söhne;Köln\nGroß „Haus“ – 5 €;Weiß\n", "cp1252"),
        ("Nazwa;Miasto\nŚwiętokrzyskie Żółte Gęśle;Łódź\nPięćdziesiąt źdźbeł;Kraków\n", "cp1250"),
        ("Имя;Город\nКомпания Север;Москва\nТорговый дом;Санкт-Петербург\n", "cp1251"),
    ],
)
def test_code_pages_of_the_past(text: str, encoding: str) -> None:
    table = read_table(text.encode(encoding))
    assert [table.header, *(row.cells for row in table.rows)] == [
        line.split(table.delimiter) for line in text.splitlines()
    ]


def test_a_byte_no_code_page_knows_still_reads() -> None:
    assert cells(b"Name,City\nA\x81\xe9,B\n")[0][1] == "B"


def test_rows_with_a_wrong_number_of_cells_are_reported_and_the_rest_goes_in() -> None:
    table = read_table(b"a,b,c\n1,2,3\n1,2\n1,2,3,4\n\n7,8,9,,\n,,\nx,y,z")
    assert [row.cells for row in table.rows] == [["1", "2", "3"], ["7", "8", "9"], ["x", "y", "z"]]
    assert [(p.line, p.message_code) for p in table.problems] == [(3, "wrong_cell_count"), (4, "wrong_cell_count")]
    assert "2 cells" in table.problems[0].text


def test_a_lost_quote_costs_its_own_line_alone() -> None:
    data = b'a,b,c\n1,"open,3\n"4","5","6"\n7,8,9\n"x","y\ny","z"\n'
    table = read_table(data)
    assert [row.cells for row in table.rows] == [["4", "5", "6"], ["7", "8", "9"], ["x", "y\ny", "z"]]
    assert [(p.line, p.message_code) for p in table.problems] == [(2, "unclosed_quote")]
    assert [row.line_number for row in table.rows] == [3, 4, 5]


def test_a_lost_quote_at_the_end_of_the_file() -> None:
    table = read_table(b'a;b\n1;2\n3;"4\n')
    assert [row.cells for row in table.rows] == [["1", "2"]]
    assert [p.line for p in table.problems] == [3]


def test_a_lost_quote_that_pairs_with_a_later_one() -> None:
    table = read_table(b'a,b\n1,"x\n2,y\n3,z"\n4,w\n')
    # Quoted newlines are legal, so two columns hold here: nothing tells the two readings apart.
    assert [row.cells for row in table.rows] == [["1", "x\n2,y\n3,z"], ["4", "w"]]
    table = read_table(b'a,b\n1,"x\n2,y\n3,z",9\n4,w\n')
    assert [row.cells for row in table.rows] == [["2", "y"], ["4", "w"]]
    assert [p.line for p in table.problems] == [2, 4]


def test_quotes_inside_a_cell_are_text() -> None:
    assert cells(b'size,name\n5" pipe,red\n"Big" Joe,"a"\n') == [['5" pipe', "red"], ['"Big" Joe', "a"]]


def test_commas_in_prose_do_not_beat_the_real_delimiter() -> None:
    data = "Name;Preis;Text\nTee;1,50;gut, warm\nReis;2,25;fein, lang\nÖl;10,00;kalt, klar\n".encode()
    assert read_table(data).delimiter == ";"


def test_the_line_excel_puts_first() -> None:
    table = read_table(b"sep=;\r\na;b\r\n1;2\r\n")
    assert (table.header, table.rows[0].line_number) == (["a", "b"], 3)


def test_one_column() -> None:
    assert cells(b"Name\nA\nB\n") == [["A"], ["B"]]


@pytest.mark.parametrize("data", [b"", b"\n\n  \n", b"\xef\xbb\xbf"])
def test_an_empty_file_says_so(data: bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_table(data)
    assert caught.value.code == "empty_file"


def test_a_workbook_is_refused_with_advice() -> None:
    with pytest.raises(InvalidInput) as caught:
        read_table(b"PK\x03\x04\x14\x00\x06\x00" + bytes(range(256)))
    assert caught.value.code == "not_a_table"
    assert "CSV" in caught.value.advice


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff")), min_size=3, max_size=3
        ),
        max_size=8,
    )
)
def test_whatever_the_csv_module_writes_is_read_back(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["one", "two", "three"], *rows])
    table = read_table(codecs.BOM_UTF8 + out.getvalue().encode())
    assert [row.cells for row in table.rows] == [row for row in rows if any(cell.strip() for cell in row)]
    assert table.problems == []
