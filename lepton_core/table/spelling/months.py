"""The names of months and weekdays."""

_MONTHS = (
    "january jan januar janvier janv enero ene",
    "february feb februar février fevrier févr fév febrero",
    "march mar märz mär maerz mrz mars marzo",
    "april apr avril avr abril abr",
    "may mai mayo",
    "june jun juni juin junio",
    "july jul juli juillet juil julio",
    "august aug août aout agosto ago",
    "september sep sept septembre septiembre",
    "october oct oktober okt octobre octubre",
    "november nov novembre noviembre",
    "december dec dezember dez décembre decembre déc diciembre dic",
)
_DAYS = (
    "monday mon montag mo lundi lun lunes",
    "tuesday tue tues dienstag di mardi mar martes",
    "wednesday wed mittwoch mi mercredi mer miércoles mié",
    "thursday thu thur thurs donnerstag do jeudi jeu jueves jue",
    "friday fri freitag fr vendredi ven viernes vie",
    "saturday sat samstag sa samedi sam sábado sáb",
    "sunday sun sonntag so dimanche dim domingo dom",
)

MONTHS = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
"""The number of a month by its name in lower case: English, German, French and Spanish, in full or shortened."""

WEEKDAYS = frozenset(name for names in _DAYS for name in names.split())
"""The names of the days of a week in the same languages; they are read over."""
