"""How this bureau dresses its documents: number prefix, addressee, copies. Reference data, read from a file."""

from dataclasses import dataclass
from pathlib import Path

import yaml

_FILE = Path(__file__).parent / "reference" / "house.yaml"


@dataclass(frozen=True)
class House:
    """`prefix` is the agency's word in the document number (焦公通〔2026〕1号)."""

    prefix: str
    addressee: str
    cc: tuple[str, ...]

    @classmethod
    def read(cls) -> "House":
        facts = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
        return cls(prefix=facts["prefix"], addressee=facts["addressee"], cc=tuple(facts["cc"]))

    def number(self, year: int, place: int) -> str:
        """Return the document number: hexagonal brackets, no 第, no leading zeros (GB/T 9704-2012, 7.2.5)."""
        return f"{self.prefix}〔{year}〕{place}号"
