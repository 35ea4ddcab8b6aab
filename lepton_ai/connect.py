"""From the environment to a transport."""

import os

from lepton_ai.transport import Transport, data_folder


def connect() -> Transport:
    """The transport that the environment names.

    ``LEPTON_URL`` (with ``LEPTON_API_KEY``): HTTP. Otherwise embedded, over the folder ``LEPTON_DATA``
    (default ``.lepton`` in the working folder). Raises `InvalidInput` where only what serves one model is installed.
    """
    url = os.environ.get("LEPTON_URL", "").strip()
    if url:
        try:
            from lepton_ai.http import http_transport  # noqa: PLC0415  (urllib3 is not needed embedded)
        except ModuleNotFoundError as error:
            from lepton_ai.installed import not_in_light  # noqa: PLC0415

            raise not_in_light(error) from None

        return http_transport(url, os.environ.get("LEPTON_API_KEY", "").strip())
    from lepton_ai.embedded import embedded_transport  # noqa: PLC0415  (loads the whole platform)

    return embedded_transport(data_folder())
