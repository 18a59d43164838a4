"""The verb contract: the paper as it is, and the one that was signed."""

from contextlib import closing
from pathlib import Path

from tests.unit.ui.cli.conftest import Profile
from ui.compose import open_profile
from ui.presenters.contract_paper import sign_contract

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)


def test_a_contract_is_written_as_pdf_and_later_as_it_was_signed(profile: Profile, tmp_path: Path) -> None:
    account = profile.ask("new", "account", "name=Adler", "language=de")["id"]
    contract = profile.ask("new", "contract", "number=C-1", f"account_id={account}", "kind=frame")["id"]
    open_paper, signed_paper = tmp_path / "open.pdf", tmp_path / "signed.pdf"
    assert profile.ask("contract", "pdf", "C-1", str(open_paper))["signed"] is False
    assert open_paper.read_bytes().startswith(b"%PDF")
    with closing(open_profile(profile.folder)) as app:
        file_id = sign_contract(app, contract, "Eva", PNG, "en")
        kept = app.attachments.read(file_id)
    refused = profile.ask("set", "contract", "C-1", "price_commitment=something else", code=1)
    assert refused["error"] == "contract_terms_signed"
    assert profile.ask("delete", "contract", "C-1", code=1)["error"] == "contract_signed"
    profile.ask("set", "contract", "C-1", "status=notice_given")
    assert profile.ask("contract", "pdf", "C-1", str(signed_paper))["signed"] is True
    assert signed_paper.read_bytes() == kept != open_paper.read_bytes()
    assert "nowhere" in profile.say("contract", "pdf", "C-1", str(tmp_path / "nowhere" / "x.pdf"), code=1)


def test_a_contract_without_its_customer_says_what_to_do(profile: Profile, tmp_path: Path) -> None:
    profile.ask("new", "contract", "number=C-2")
    said = profile.say("contract", "pdf", "C-2", str(tmp_path / "x.pdf"), code=4)
    assert "Enter the customer" in said
