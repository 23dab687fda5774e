"""What the statuses of help desks and CRMs say, in Russian and English; one of somebody's own says nothing."""

from typing import Literal

from surveys.imports.titles import plain

Said = Literal["open", "solved", "lost", "left_out", ""]

WORDS: dict[Said, str] = {
    "open": "new, open, pending, hold, on hold, waiting, waiting on customer, waiting on third party, in progress,"
    " новый, новое, открыт, открыто, открыта, в ожидании, на удержании, в работе, ожидает ответа",
    "solved": "solved, resolved, completed, done, closed, решен, решено, решена, выполнен, выполнено, выполнена,"
    " закрыт, закрыто, закрыта, завершен, завершено, успешно реализовано, сделка успешна, closed won, deal won, won",
    "lost": "закрыто и не реализовано, сделка провалена, closed lost, deal lost, lost, некачественный лид, junk lead",
    # No contact of a customer: nobody wrote it, or it lives on in another one.
    "left_out": "spam, deleted, merged, combined, suspended, mailing, спам, удален, удалено, удалена, объединен,"
    " объединено, объединена, рассылка",
}
MEANT: dict[str, Said] = {plain(word): said for said, words in WORDS.items() for word in words.split(",")}


def said_by(status: str) -> Said:
    """What a status says of a contact: it is open, solved, closed without that, or is none."""
    return MEANT.get(plain(status), "")
