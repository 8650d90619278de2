"""Which facts may be emptied: none that the profile requires, and no circumstance."""

from collections.abc import Collection

from vault.facts import FACT
from vault.profile.citing import cited
from vault.profile.model import Profile
from vault.rights import Bar, Barred, Reason
from vault.text import Text


def require_may_be_empty(profile: Profile, number: str, emptied: Collection[str], missing: Collection[str]) -> None:
    """Refused for a fact that a record has and may not lose. `missing`: what the record would lack then."""
    if "circumstances" in emptied:
        why = Text(
            en=f"Record {number}: a circumstance stays; to drop one could shorten the record's term.",
            zh=f"记录 {number}：特殊情形不得清空，否则可能缩短其保存期限。",
        )
        hint = Text(en="Further ones can be added: strongroom flag", zh="可以增加：strongroom flag")
        raise Barred(Reason(Bar.SHORTER, why, hint))
    for rule in profile.intake.required:
        if rule.fact in emptied and rule.fact in missing:
            fact, article = FACT[rule.fact], cited(rule.article)
            why = Text(
                en=f"Record {number}: {fact.label.en} is required ({article.en}) and cannot be emptied.",
                zh=f"记录 {number}：{fact.label.zh}为必填项（{article.zh}），不得清空。",
            )
            hint = Text(
                en=f"Give what is right instead: strongroom complete {number} {fact.option} …",
                zh=f"请改填正确内容：strongroom complete {number} {fact.option} …",
            )
            raise Barred(Reason(Bar.REQUIRED, why, hint))
