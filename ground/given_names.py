"""Common given names, for texts written without capitals; what is also an ordinary word beside a worker is left out."""

# Without their endings, as they are declined.
RUSSIAN = frozenset({
    "александр", "алексе", "ален", "алин", "алис", "алл", "альбин", "алён", "анастаси", "анатоли", "андре",
    "анжел", "анн", "антон", "антонин", "ань", "аркади", "артем", "артур", "артём", "богдан", "борис", "вадим",
    "валенти", "валентин", "валери", "вань", "васили", "вера", "вероник", "виктор", "виктори", "витали", "влад",
    "владимир", "владислав", "вячеслав", "галин", "галя", "геннади", "георги", "глеб", "григори", "гульнар",
    "данил", "данила", "дарь", "даш", "денис", "диан", "дима", "диму", "дин", "дмитри", "евгени", "егор",
    "екатерин", "елен", "елизавет", "жанн", "женя", "зинаид", "зоя", "зульфи", "иван", "игор", "ильдар", "ильи",
    "илья", "инн", "ира", "ирин", "карин", "кат", "кать", "кирилл", "константин", "костя", "кристин", "ксени", "ксюш",
    "ларис", "лейл", "лена", "лене", "лену", "леонид", "лида", "лиди", "лиза", "лили", "люда", "людмил", "максим",
    "саш", "вов",
    "марат", "маргарит", "марии", "марин", "мария", "маш", "михаил", "миш", "надежд", "надя", "наил", "наст",
    "насть", "натали", "наташ", "никит", "никола", "нин", "оксан", "оле", "олег", "ольг", "оля", "павел", "павл",
    "паш", "петр", "петя", "полин", "пётр", "раис", "рафаэл", "рит", "роман", "руслан", "рустам", "самвел",
    "светлан", "семен", "семён", "серге", "сереж", "серёж", "софи", "софья", "станислав", "степан", "тамар",
    "тане", "таня", "татьян", "тимофе", "тимур", "ульян", "федор", "филипп", "фёдор", "эдуард", "эльвир",
    "эльмир", "юли", "юра", "юри", "яна", "ярослав",
})  # fmt: skip
ENDINGS = frozenset({"", "а", "я", "й", "ь", "ы", "и", "е", "у", "ю", "ой", "ей", "ом", "ем"})
ENGLISH = frozenset({
    "adam", "adrian", "agnes", "aisha", "alan", "albert", "alex", "alice", "alison", "amanda", "amelia", "amy",
    "andrea", "andrew", "angela", "anita", "anna", "anne", "annie", "anthony", "ashley", "barbara", "ben", "beth",
    "betty", "bob", "brenda", "brian", "bruce", "carl", "carla", "carlos", "carol", "caroline", "catherine",
    "charlotte", "chloe", "chris", "christine", "claire", "colin", "craig", "daniel", "daniela", "dave", "david",
    "dean", "debbie", "deborah", "dennis", "derek", "diana", "diane", "donna", "doris", "dorothy", "doug",
    "edward", "eileen", "elaine", "elena", "elizabeth", "ellen", "emily", "emma", "eric", "erica", "ethan", "eva",
    "evelyn", "fiona", "frances", "frank", "gary", "gavin", "george", "gerald", "gillian", "gina", "gordon",
    "graham", "greg", "hannah", "harry", "heather", "helen", "henry", "howard", "ian", "irene", "isabel", "ivan",
    "jack", "jacob", "james", "jane", "janet", "jason", "jean", "jeff", "jennifer", "jenny", "jeremy", "jessica",
    "jill", "jim", "joan", "joanna", "joe", "john", "jonathan", "jose", "joseph", "joshua", "joyce", "juan",
    "judith", "judy", "julia", "julie", "justin", "karen", "kate", "katherine", "kathleen", "kathy", "keith",
    "kelly", "ken", "kenneth", "kevin", "kim", "kyle", "larry", "laura", "lauren", "lee", "leo", "leon", "lewis",
    "linda", "lisa", "liz", "louise", "lucy", "luis", "luke", "lynn", "marco", "margaret", "maria", "marie",
    "mario", "martha", "martin", "mary", "matt", "matthew", "megan", "melissa", "michael", "michelle", "mike",
    "monica", "nancy", "naomi", "natalie", "natasha", "nathan", "neil", "nick", "nicole", "nigel", "nina", "nora",
    "olivia", "oscar", "pamela", "patricia", "patrick", "paul", "paula", "peter", "phil", "philip", "priya",
    "rachel", "raj", "rebecca", "richard", "rita", "robert", "robin", "roger", "ron", "rosie", "roy", "russell",
    "ruth", "ryan", "sally", "sam", "samantha", "sandra", "sara", "sarah", "scott", "sean", "sharon", "sheila",
    "shirley", "simon", "sofia", "sophie", "stacy", "stephanie", "stephen", "steve", "steven", "stuart", "susan",
    "tanya", "ted", "teresa", "thomas", "tim", "tina", "todd", "tom", "tony", "tracy", "vanessa", "vera",
    "veronica", "victor", "victoria", "vincent", "vivian", "walter", "wendy", "william", "yusuf", "zoe",
})  # fmt: skip


def is_given(word: str) -> bool:
    """Whether a word in small letters is a given name, in whatever case of its declension."""
    return word in ENGLISH or any(word[:size] in RUSSIAN and word[size:] in ENDINGS for size in range(3, len(word) + 1))
