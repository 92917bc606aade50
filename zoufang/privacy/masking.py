"""What may be shown of a name or a number to those who need not know it. Pure."""

_DOUBLE_SURNAMES = frozenset(
    [
        "欧阳",
        "上官",
        "司马",
        "诸葛",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "宇文",
        "长孙",
        "司徒",
        "东方",
        "夏侯",
        "端木",
        "独孤",
    ]
)


def mask_name(name: str) -> str:
    """Return the surname and a star for each other character: 王小明 becomes 王**."""
    name = name.strip()
    if not name:
        return ""
    kept = 2 if name[:2] in _DOUBLE_SURNAMES and len(name) > 2 else 1
    return name[:kept] + "*" * max(1, len(name) - kept)


def mask_phone(phone: str) -> str:
    """Return a phone with its middle hidden: 13812341234 becomes 138****1234; a short one keeps its last two."""
    digits = "".join(digit for digit in phone if digit.isdigit())
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]}****{digits[-4:]}"
    return mask_landline(digits)


def mask_landline(phone: str) -> str:
    """Return a landline with its area code and last two digits: 0391-2561234 becomes 0391-*****34."""
    digits = "".join(digit for digit in phone if digit.isdigit())
    area = 0
    if digits.startswith("0"):
        area = 3 if digits[:2] in ("01", "02") else 4
    local = digits[area:]
    stars = "*" * max(len(local) - 2, 0) + local[-2:] if len(local) > 4 else "*" * len(local)
    return f"{digits[:area]}-{stars}" if area else stars


def mask_identity(number: str) -> str:
    """Return the province and prefecture digits of an identity number and nothing else."""
    return number[:3] + "*" * (len(number) - 3)
