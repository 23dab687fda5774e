"""Which channel the words of other programs mean: “Phone call (inbound)”, «Открытая линия — Telegram»."""

from surveys.imports.titles import plain
from surveys.models.customers import Channel

# The first that is part of what a file says decides: “Facebook Messenger” is a messenger, a “Chat widget” a chat.
PARTS = [
    (Channel.MESSENGER, "telegram, телеграм, whatsapp, ватсап, viber, вайбер, messenger, мессенджер, sms, смс, text"),
    (Channel.SOCIAL, "facebook, twitter, вконтакте, vkontakte, instagram, одноклассники, social, соцсет, forum"),
    (Channel.PHONE, "phone, call, voice, звонок, звонк, телефон"),
    (Channel.CHAT, "chat, чат, messaging, открытая линия, открытые линии, open channel"),
    (Channel.EMAIL, "mail, почта, имейл, письмо"),
    (Channel.IN_PERSON, "in person, лично, визит, офис, выставка"),
    (Channel.WEB, "web, portal, портал, form, форм, сайт, site, widget, виджет"),
]  # fmt: skip
MEANT = [(plain(part), channel.value) for channel, parts in PARTS for part in parts.split(",")]
OUTBOUND = ("outbound", "исходящ")


def meant(text: str) -> str:
    """The code of a channel, or "" when nothing in the text tells one."""
    said = plain(text)
    return next((channel for part, channel in MEANT if part in said), "")


def is_outbound(text: str) -> bool:
    """Whether it says that we began the contact."""
    return any(part in plain(text) for part in OUTBOUND)
