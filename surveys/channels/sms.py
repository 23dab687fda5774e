"""Text messages: the question and a link, carried by an HTTP gateway."""

from django.conf import settings

from ground.models import Organisation
from ground.outbound import NotSent
from surveys import attempts, gateways, links, phones, short_texts
from surveys.models import Customer, Gateway, Invitation, Message

KIND = Gateway.Kind.SMS


def address_of(customer: Customer) -> str:
    """The telephone number in E.164; "" when there is none that could be called."""
    return phones.e164(customer.phone) if customer.phone else ""


def send(invitation: Invitation, message: Message) -> None:
    """Hand one message to the gateway; raises NotSent or Unknown."""
    hand_over(gateways.active(KIND), invitation, message)


def hand_over(gateway: Gateway, invitation: Invitation, message: Message) -> None:
    """What SMS and messengers have in common."""
    try:
        values = fields(invitation, message)
    except Exception as error:  # whatever is wrong with a text, nothing has left the house
        raise NotSent(f"could not be written: {type(error).__name__}", passing=False) from error
    attempts.last_look(message)
    number = gateways.carry(gateway, values)
    if number:
        Message.objects.filter(pk=message.pk).update(provider_id=number)


def fields(invitation: Invitation, message: Message) -> dict[str, str]:
    """What a gateway's templates may name."""
    link = settings.BASE_URL + links.answer_path(invitation)
    brand = Organisation.current().name
    text = short_texts.compose(invitation.version, language=invitation.language, brand=brand, link=link)
    return {
        "phone": message.address,
        "digits": message.address.lstrip("+"),
        "email": "",
        "text": text,
        "link": link,
        "id": gateways.own_number(message),
        "language": invitation.language,
        "survey": invitation.survey.code,
        "customer": invitation.customer.external_id or "",
    }
