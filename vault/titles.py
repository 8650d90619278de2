"""What papers and labels call a record (题名): in the office's words or the profile's, never by an identifier."""

import re

from vault.completeness import is_called, matters_in
from vault.facts import Facts
from vault.profile import ListedRecording, Profile
from vault.profile.known import as_quoted
from vault.profile.parts import KEY
from vault.text import Text


def title_of(facts: Facts, profile: Profile) -> str | Text:
    """The name of its case, else the matter, else the content; empty where nothing of these was said."""
    return facts.case_name or matter_in_words(facts.matter, profile) or facts.content


def matter_in_words(said: str, profile: Profile) -> str | Text:
    """A record's matter: what is on the office's list as the list calls it, an identifier of a list that is not in
    force any more between marks, anything else as it was said."""
    items = profile.recordings.items if profile.recordings is not None else ()
    parts = [_in_words(matter, items) for matter in matters_in(said)]
    if all(isinstance(part, str) for part in parts):
        return said
    texts = [Text(en=part, zh=part) if isinstance(part, str) else part for part in parts]
    return Text(en=", ".join(text.en for text in texts), zh="、".join(text.zh for text in texts))


def _in_words(matter: str, items: tuple[ListedRecording, ...]) -> str | Text:
    listed = next((item for item in items if is_called(item, matter)), None)
    if listed is not None:
        return listed.text
    return as_quoted(matter) if re.fullmatch(KEY, matter) else matter
