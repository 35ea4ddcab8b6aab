"""The media types of files: what one is, its content tells, so each type of a form that is read is taken."""

OCTETS = "application/octet-stream"

_TEXTS = ("text/csv", "text/tab-separated-values", "application/x-ndjson", "application/jsonl")

_OTHERS = (
    "application/vnd.apache.parquet",
    "application/vnd.apache.arrow.file",
    "application/vnd.apache.arrow.stream",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel.sheet.macroenabled.12",
    "application/gzip",
    "application/x-bzip2",
    "application/x-xz",
    "application/zip",
)

BINARY = (*_TEXTS, *_OTHERS)
"""Bodies of these types arrive as they are sent: a text may be in any encoding."""

FILES = (*_TEXTS, "application/json", *_OTHERS, OCTETS)
"""What a route that takes a file takes. JSON is in UTF-8."""
