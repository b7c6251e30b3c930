"""Contacts and their numbers: the one place where a number is known."""

from collections.abc import Mapping


class PhoneBook:
    """
    Numbers in E.164 by contact id.

    Two contacts may share a number; who calls or writes from it is then the first of them.
    """

    def __init__(self, numbers: Mapping[str, str]) -> None:
        self.replace(numbers)

    def replace(self, numbers: Mapping[str, str]) -> None:
        """Take over the numbers of a new district pack."""
        self._numbers = dict(numbers)
        self._contacts: dict[str, str] = {}
        for contact, number in numbers.items():
            self._contacts.setdefault(number, contact)

    def number_of(self, contact: str) -> str | None:
        """Return the number of *contact*, or None."""
        return self._numbers.get(contact)

    def contact_of(self, number: str) -> str | None:
        """Return whose *number* it is, or None for a stranger's."""
        return self._contacts.get(number)

    def __repr__(self) -> str:
        return f"<PhoneBook of {len(self._numbers)} contacts>"
