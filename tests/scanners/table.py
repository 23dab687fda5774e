"""Who opens the links of a mail: scanners and people as timed steps with jitter, played by `play`.

Sources of the behaviours: published reports of mail gateways' users, and what browsers and messengers send. Times are
seconds, drawn evenly between the two ends. docs/evidence.md prints what comes of every pair.
"""

from dataclasses import dataclass

Span = tuple[float, float]
MINUTE, HOUR = 60.0, 3600.0

# --- clients -----------------------------------------------------------------------------------------------------
ENGINE = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36"
OLD_ENGINE = "Mozilla/5.0 (Windows NT 6.1; rv:60.0) Gecko/20100101 Firefox/60.0"
LIBRARY = "python-requests/2.32.3"
PREVIEWERS = ("TelegramBot (like TwitterBot)", "Slackbot-LinkExpanding 1.0", "WhatsApp/2.23.20.0", "SkypeUriPreview")
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
ANTIVIRUS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/137.0.0.0 Safari/537.36 Avast/137.0"


@dataclass(frozen=True)
class Step:
    """`do`: open, head, prefetch, trap, submit, beacon (the script's confirmation), or a person's edit and replace.

    `link` is a score counted from the actor's own (0, or another one), or a place from the left of the mail ("1st").
    """

    do: str
    wait: Span = (0.0, 0.0)
    link: int | str = 0
    says: str = ""
    fills_decoy: bool = False


@dataclass(frozen=True)
class Actor:
    """`begins` counts from the mail's hand-over, with `at_click` from the person's first step, with `after` from the
    last one. `each` steps are done for every link of the mail, the hidden one included with `hits_trap`, in an order:
    "mail", "random" or "parallel" (each link from another address)."""

    name: str
    begins: Span = (0.0, 0.0)
    steps: tuple[Step, ...] = ()
    each: tuple[Step, ...] = ()
    order: str = "mail"
    hits_trap: bool = True
    agent: str = ENGINE
    is_browser: bool = True
    from_persons_address: bool = False
    at_click: bool = False
    after: bool = False


OPEN = Step("open", (0.2, 2.0))
SLOWLY = Step("open", (5.0, 20.0))

SCANNERS = (
    (Actor("no scanner"),),
    (Actor("prefetch with Sec-Purpose", (5, 2 * HOUR), each=(Step("prefetch", (0.0, 0.5)),), hits_trap=False),),
    (Actor("HEAD to every link", (2, 90), each=(Step("head", (0.0, 0.5)),), agent=LIBRARY, is_browser=False),),
    (Actor("one link, a library", (2, 12 * HOUR), (Step("open", link="1st"),), agent=LIBRARY, is_browser=False),),
    (Actor("one link, a library that says Chrome", (2, 12 * HOUR), (Step("open", link="1st"),), is_browser=False),),
    (Actor("one link, a browser, on delivery", (1, 50), (Step("open", link="1st"),)),),
    (Actor("all links in order, without scripts", (1, 90), each=(SLOWLY,), hits_trap=False, agent=OLD_ENGINE,
           is_browser=False),),
    (Actor("all links at random", (1, 90), each=(OPEN,), order="random"),),
    (Actor("all links in parallel, many addresses", (1, 90), each=(Step("open", (0.0, 0.4)),), order="parallel"),),
    (Actor("all links with scripts, beacon on load", (1, 90),
           each=(OPEN, Step("beacon", (0.1, 1.3)))),),
    (Actor("submits every page, before the person", (1, 50), each=(OPEN, Step("submit", (1.6, 5.0), says="test"))),),
    (Actor("submits every page, after the person", (1 * MINUTE, 9 * MINUTE), order="random", after=True,
           each=(OPEN, Step("submit", (1.6, 5.0), says="test"))),),
    (Actor("fills in every field of one page", (2, 2 * HOUR),
           (Step("open", link="1st"), Step("submit", (2.0, 6.0), link="1st", says="test", fills_decoy=True))),),
    (Actor("all links again, hours later", (2 * HOUR, 30 * HOUR), each=(OPEN,)),),
    (Actor("SafeLinks: on delivery", (3, 90), each=(OPEN,)),
     Actor("SafeLinks: before the click", (-2.0, -0.3), (Step("open"),), at_click=True)),
    (Actor("previews of messengers", (5, 12 * HOUR), (Step("open"), Step("open", (0.5, 3)), Step("open", (0.5, 3))),
           agent="previewer"),),
    (Actor("antivirus with focus, on the person's computer", (-40, -12), each=(Step("open", (1, 4)),), hits_trap=False,
           agent=ANTIVIRUS, from_persons_address=True, at_click=True),),
    (Actor("headless Chromium that clicks", (1, 90), order="random",
           each=(OPEN, Step("beacon", (1.8, 2.5)), Step("submit", (0.5, 2.0)))),),
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Does the steps some minutes to days after the mail. `devices` are the agents, changed at a step called "device".

    `means` is the score that the person wants counted in the end, from the own one; None wants none.
    """

    name: str
    steps: tuple[Step, ...]
    means: int | None = 0
    devices: tuple[str, ...] = (PHONE,)


PRESS = Step("submit", (4, 60))
PERSONS = (
    Person("no answer", (), means=None),
    Person("one click, no script", (Step("open"),)),
    Person("one click, script and a touch", (Step("open"), Step("beacon", (1.8, 30)))),
    Person("click, comment, button", (Step("open"), Step("submit", (8, 240), says="Долго ждал ответа"))),
    Person("another score by another click", (Step("open"), Step("open", (8, 400), link=1)), means=1),
    Person("answers twice, replaces", (Step("open"), PRESS, Step("open", (MINUTE, 40 * HOUR), link=1), PRESS,
                                       Step("replace", (2, 20))), means=1),
    Person("two devices", (Step("open"), Step("device"), Step("open", (MINUTE, 20 * HOUR)), PRESS),
           devices=(PHONE, DESK)),
)  # fmt: skip
ONE_CLICK, WITH_SCRIPT = PERSONS[1], PERSONS[2]
