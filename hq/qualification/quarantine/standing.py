"""Which words of headquarters stand, and about whom."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from hq.qualification.quarantine.rulings import Word, last_of
from shared.db.batch import Column

# A person is a contact, or a sign-up that names nobody. What was put into quarantine after a word shows that there is
# evidence which headquarters had not seen: else the word would have let it pass.
_WORDS = text(
    """
    SELECT p.person, v.verdict, v.at, v.codes,
           EXISTS (SELECT 1 FROM signups q WHERE q.contact_id = p.contact_id AND q.outcome = 'quarantined'
                   AND q.decided_at > v.at)
    FROM (
        SELECT s.signup_id, s.contact_id, s.contact_id AS person FROM signups s
        WHERE s.contact_id = ANY(CAST(:contacts AS uuid[]))
        UNION ALL
        SELECT s.signup_id, NULL, s.signup_id FROM signups s
        WHERE s.signup_id = ANY(CAST(:signups AS uuid[])) AND s.contact_id IS NULL
    ) AS p
    JOIN screening_verdicts v ON v.signup_id = p.signup_id AND v.undone_at IS NULL
    ORDER BY p.person, v.at, v.verdict_id
    """
)


def words_of(session: Session, contacts: Collection[UUID], signups: Collection[UUID]) -> Mapping[UUID, Word]:
    """Headquarters' last word by contact, or by sign-up where there is no contact; one statement."""
    rows = session.execute(_WORDS, {"contacts": Column(sorted(contacts)), "signups": Column(sorted(signups))})
    said: dict[UUID, list[Word]] = {}
    for person, verdict, at, codes, upset in rows:
        said.setdefault(person, []).append(Word(verdict, at, frozenset(codes), upset))
    return {person: word for person, words in said.items() if (word := last_of(words))}
