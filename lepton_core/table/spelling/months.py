"""The names of months and weekdays."""

_MONTHS = {
    "English": "january february march april may june july august september october november december",
    "English, short": "jan feb mar apr may jun jul aug sep oct nov dec",
    "Czech": "leden únor březen duben květen červen červenec srpen září říjen listopad prosinec",
    "Czech, with a day": "ledna února března dubna května června července srpna září října listopadu prosince",
    "Czech, short": "led úno bře dub kvě čvn čvc srp zář říj lis pro",
    "Danish": "januar februar marts april maj juni juli august september oktober november december",
    "Dutch": "januari februari maart april mei juni juli augustus september oktober november december",
    "Dutch, short": "jan feb mrt apr mei jun jul aug sep okt nov dec",
    "Finnish": "tammikuu helmikuu maaliskuu huhtikuu toukokuu kesäkuu heinäkuu elokuu syyskuu lokakuu marraskuu "
    "joulukuu",
    "Finnish, with a day": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta "
    "syyskuuta lokakuuta marraskuuta joulukuuta",
    "Finnish, short": "tammi helmi maalis huhti touko kesä heinä elo syys loka marras joulu",
    "French": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "French, short": "janv févr mars avr mai juin juil août sept oct nov déc",
    "German": "januar februar märz april mai juni juli august september oktober november dezember",
    "German, short": "jan feb mär apr mai jun jul aug sep okt nov dez",
    "Greek": "ιανουάριος φεβρουάριος μάρτιος απρίλιος μάιος ιούνιος ιούλιος αύγουστος σεπτέμβριος οκτώβριος νοέμβριος "
    "δεκέμβριος",
    "Greek, with a day": "ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου "
    "οκτωβρίου νοεμβρίου δεκεμβρίου",
    "Hungarian": "január február március április május június július augusztus szeptember október november december",
    "Hungarian, short": "jan febr márc ápr máj jún júl aug szept okt nov dec",
    "Italian": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "Italian, short": "gen feb mar apr mag giu lug ago set ott nov dic",
    "Norwegian": "januar februar mars april mai juni juli august september oktober november desember",
    "Norwegian, short": "jan feb mar apr mai jun jul aug sep okt nov des",
    "Polish": "styczeń luty marzec kwiecień maj czerwiec lipiec sierpień wrzesień październik listopad grudzień",
    "Polish, with a day": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października "
    "listopada grudnia",
    "Polish, short": "sty lut mar kwi maj cze lip sie wrz paź lis gru",
    "Portuguese": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "Portuguese, short": "jan fev mar abr mai jun jul ago set out nov dez",
    "Romanian": "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie decembrie",
    "Russian": "январь февраль март апрель май июнь июль август сентябрь октябрь ноябрь декабрь",
    "Russian, with a day": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
    "Russian, short": "янв фев мар апр май июн июл авг сен окт ноя дек",
    "Spanish": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "Spanish, short": "ene feb mar abr may jun jul ago sept oct nov dic",
    "Swedish": "januari februari mars april maj juni juli augusti september oktober november december",
    "Turkish": "ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık",
    "Turkish, short": "oca şub mar nis may haz tem ağu eyl eki kas ara",
    "Ukrainian": "січень лютий березень квітень травень червень липень серпень вересень жовтень листопад грудень",
    "Ukrainian, with a day": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня",
}
"""The twelve months by language. Czech, Polish and others write a month in another case beside a day."""

_OTHERS = {
    "maerz": 3, "mrz": 3, "fevrier": 2, "fév": 2, "aout": 8, "decembre": 12, "setiembre": 9,
    "февр": 2, "сент": 9, "нояб": 11, "subat": 2, "mayis": 5, "agustos": 8, "eylul": 9, "kasim": 11, "aralik": 12,
}  # fmt: skip
"""Other spellings: without a mark above, and Turkish capitals, which become other letters in lower case."""

_DAYS = (
    "monday mon montag mo lundi lun lunes mandag måndag maanantai maanantaina ma pondělí po poniedziałek pon "
    "pazartesi pzt понедельник пн понеділок lunedì maandag segunda-feira seg hétfő luni δευτέρα",
    "tuesday tue tues dienstag di mardi mar martes tirsdag tisdag tiistai tiistaina ti úterý út wtorek wt "
    "salı sal вторник вт вівторок martedì dinsdag terça-feira ter kedd marți τρίτη",
    "wednesday wed mittwoch mi mercredi mer miércoles mié onsdag keskiviikko keskiviikkona ke středa st środa śr "
    "çarşamba çar среда ср середа mercoledì woensdag wo quarta-feira qua szerda miercuri τετάρτη",
    "thursday thu thur thurs donnerstag do jeudi jeu jueves jue torsdag torstai torstaina to čtvrtek čt czwartek czw "
    "perşembe per четверг чт четвер giovedì gio donderdag quinta-feira qui csütörtök joi πέμπτη",
    "friday fri freitag fr vendredi ven viernes vie fredag perjantai perjantaina pe pátek pá piątek pt "
    "cuma cum пятница пт п'ятниця venerdì vrijdag vr sexta-feira sex péntek vineri παρασκευή",
    "saturday sat samstag sa samedi sam sábado sáb lørdag lördag lauantai lauantaina la sobota so sob "
    "cumartesi cmt суббота сб субота sabato sab zaterdag za szombat sâmbătă σάββατο",
    "sunday sun sonntag so dimanche dim domingo dom søndag söndag sunnuntai sunnuntaina su neděle ne niedziela niedz "
    "pazar paz воскресенье вс неділя domenica zondag zo vasárnap duminică κυριακή",
)

MONTHS = {
    name: number for names in _MONTHS.values() for number, name in enumerate(names.split(), 1)
} | _OTHERS  # fmt: skip
"""The number of a month by its name in lower case, in full or shortened, in any of the languages."""

LANGUAGES = tuple(language for language in _MONTHS if "," not in language)
"""Those whose names of months are known."""

WEEKDAYS = frozenset(name for names in _DAYS for name in names.split())
"""The names of the days of a week in the same languages; they are read over."""


def lowered(name: str) -> str:
    """A name in lower case, as `MONTHS` and `WEEKDAYS` have it; of a Turkish capital with a dot the dot is none.

    >>> lowered("NİSAN"), lowered("Mars")
    ('nisan', 'mars')
    """
    return name.lower().replace("i\u0307", "i")
