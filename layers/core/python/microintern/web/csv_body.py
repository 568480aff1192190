"""Tables for spreadsheets: RFC 4180 with a header row, and cells that no spreadsheet takes for a formula."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from aws_lambda_powertools.event_handler import Response
from pydantic import BaseModel

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: Sequence[BaseModel], name: str, next_page: Mapping[str, Any] | None = None) -> Response[str]:
    """The rows as a file of this name; a `Link` header leads to the next page when there is one (RFC 8288)."""
    text = io.StringIO()
    table = [_flat(row.model_dump(mode="json")) for row in rows]
    if table:
        out = csv.DictWriter(text, fieldnames=list(table[0]))
        out.writeheader()
        out.writerows(table)
    headers: dict[str, str | list[str]] = {"Content-Disposition": f'attachment; filename="{name}"'}
    if next_page:
        # The whole query: a link that is relative like this one takes the place of all of it.
        headers["Link"] = f'<?{urlencode(next_page)}>; rel="next"'
    return Response(200, "text/csv; charset=utf-8", text.getvalue(), headers=headers)


def _flat(value: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested fields as columns of their own: `amount.written` becomes `amount_written`."""
    cells: dict[str, Any] = {}
    for name, part in value.items():
        cells |= _flat(part, f"{prefix}{name}_") if isinstance(part, dict) else {f"{prefix}{name}": _cell(part)}
    return cells


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
