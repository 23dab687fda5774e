"""The values as a table: what Power BI, DataLens, Metabase and spreadsheets read from an address."""

import io
from typing import Any

from rest_framework.renderers import BaseRenderer, JSONRenderer

from ground.sheets import Column, Csv

COLUMNS = (
    "metric", "unit", "period_start", "period_end", "start", "key", "name", "value", "lo", "hi", "n", "state", "num",
    "den", "prev", "diff", "diff_lo", "diff_hi", "p_adj", "flag", "preliminary", "partial", "n_eff",
    "verdict", "as_of",
)  # fmt: skip


class CsvRenderer(BaseRenderer):
    """A row for each value, separated by commas whatever the language: programs read it. Errors stay JSON."""

    media_type = "text/csv"
    format = "csv"
    charset = "utf-8"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        response = renderer_context["response"]
        if response.status_code != 200:
            response["Content-Type"] = JSONRenderer.media_type
            return bytes(JSONRenderer().render(data))
        file = io.BytesIO()
        sheet = Csv(file, language="en")
        sheet.begin([Column(name) for name in COLUMNS])
        sheet.write([_row(data, value) for value in data["values"]])
        return file.getvalue()


def _row(data: dict[str, Any], value: dict[str, Any]) -> list[Any]:
    period = data["period"] or {"start": None, "end": None}
    whole = {
        "metric": data["metric"], "unit": data["unit"], "period_start": period["start"], "period_end": period["end"],
        "as_of": data["as_of"],
    }  # fmt: skip
    return [(whole | value)[name] for name in COLUMNS]
