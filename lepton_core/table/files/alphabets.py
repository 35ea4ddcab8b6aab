"""The letters beyond ASCII of each language, from the most frequent to the rarest, and its encodings."""

WINDOWS_1252 = "cp1252"

_WEST = {WINDOWS_1252: 0.0, "iso8859-15": 3.0, "cp850": 6.0, "mac_roman": 6.0}
_CENTRE = {"cp1250": 2.0, "iso8859-2": 2.5, "cp852": 6.0, "mac_latin2": 6.0}
_BALTIC = {"cp1257": 3.5, "iso8859-13": 5.0, "cp775": 6.0}
_CYRILLIC = {"cp1251": 0.0, "koi8-r": 1.0, "cp866": 1.0, "iso8859-5": 1.0, "mac_cyrillic": 2.0}

LATIN: tuple[tuple[str, dict[str, float]], ...] = (
    ("üäöß", _WEST),
    ("éèàçêâôîûïëùœüÿ", _WEST),
    ("óáíéñúü", _WEST),
    ("ãçáêéíóõúâôà", _WEST),
    ("äåöé", _WEST),
    ("øåæé", _WEST),
    ("æøåé", _WEST),
    ("äöå", _WEST),
    ("áéíóúñç", _WEST),
    ("àéèóòíçúïü", _WEST),
    ("ëéïèöü", _WEST),
    ("ðíáþéöæúóý", {WINDOWS_1252: 0.5}),
    ("äõüöšž", {WINDOWS_1252: 3.0, "cp1257": 4.0, "iso8859-15": 6.0, "cp850": 9.0}),
    ("łóężąśćńź", _CENTRE),
    ("áíěéýčřšžůúňťďó", _CENTRE),
    ("áíčžéýúšľťôňďäóŕĺ", _CENTRE),
    ("áéöőóüíúű", _CENTRE | {"cp1250": 1.7, "iso8859-2": 2.2}),
    ("čšžćđ", _CENTRE),
    ("ăţşîâ", {"cp1250": 2.0, "iso8859-2": 2.5, "cp852": 6.0}),
    ("ıüşğçöİâî", {"cp1254": 1.5, "cp857": 6.0}),
    ("āīēšņļūžčķģ", _BALTIC),
    ("ėšžįųūčąę", _BALTIC),
    ("\u0323\u0301\u0300ươđôêâă\u0309\u0303áàíóúéèùü", {"cp1258": 4.0}),
)
"""Of each language, and how much less likely each of its encodings is than the most usual of all, in nats."""

FINAL = ("èàùòìé", {"cp1252": 0.0, "iso8859-15": 3.0, "cp850": 6.0, "mac_roman": 6.0})
"""Italian, whose letters beyond ASCII end a word."""

OTHERS: tuple[tuple[str, dict[str, float]], ...] = (
    ("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё", _CYRILLIC),
    (
        "оанивіетрсклдумпяьзбгчйхцєжюїшщфґ",
        {"cp1251": 0.0, "koi8-u": 1.0, "iso8859-5": 2.0, "cp1125": 2.0, "mac_cyrillic": 2.0},
    ),
    ("аиоетнрсвлкдпмзъугябчжцхшйщюфь", _CYRILLIC),
    ("аиоенрстјувклдмпзгбшчцњжћхљђџф", {"cp1251": 0.0, "iso8859-5": 1.0}),
    ("аніеоырсткулявдмцпьзбўшгчйхжюёэф", {"cp1251": 0.0}),
    (
        "αοιετσνηυρπκςμλίόάγήέδχύωθφβξζώψϊϋ",
        {"cp1253": 0.0, "iso8859-7": 0.5, "cp737": 2.0, "mac_greek": 3.0},
    ),
    ("יוהלארתבמשנכחדקפםעןגטזסצךףץ", {"cp1255": 0.0, "cp862": 2.0}),
    ("الينمرتوبةعدسفهكقأحجشطصىخإذئزثضغءظؤآ", {"cp1256": 0.0, "iso8859-6": 1.0}),
    ("ايرنمدهوتبسشكزفگعخقجحپلطصچآضغظذثژئ", {"cp1256": 0.5}),
    ("านรอก่เง้มยลวัดีทสตะปิบคหืแจพช็์ำขใไูุโึผถซศณธภฟญฐษ๊๋ๆฤฉฝฮฏฎฆ", {"cp874": 0.0}),
)
"""Of languages that use no letters of ASCII."""

WESTERN_OLD = frozenset({"cp850", "mac_roman"})
"""Of DOS and of old Macs, in the letters of Windows-1252."""

NOT_FIRST = frozenset("ßğðěůńęăïıâ")
NOT_INSIDE = frozenset("þ")
NOT_LAST = frozenset("æñèêëïâîôûõþ")
"""Where letters hardly ever stand in a word; Italian, in which ``è`` is last, apart."""

SELDOM_CAPITAL = frozenset("ÐĞß")
