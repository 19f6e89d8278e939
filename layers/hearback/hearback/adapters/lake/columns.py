"""A stored answer taken apart into the lake's columns. template.yaml gives Athena the same columns; a test compares the two.

A fact that is well known has a column of its own, every other one is in `attributes`; a list there is JSON. `comment` is what
the customer wrote, unmasked: the lake is the company's own. `channel` is where the survey went out, `answer_channel` where it
was answered. A rating that is no whole number is null.
"""

from __future__ import annotations

_OWN_COLUMN = ("agent", "team", "channel", "source", "language")

_LINES = """
SELECT i, v, a, f, map_values(a.details) AS said
FROM read_json(?, format = 'newline_delimited', maximum_object_size = 2097152, columns = {
  i: 'VARCHAR',
  v: 'INTEGER',
  f: 'MAP(VARCHAR, JSON)',
  a: 'STRUCT(
    rating JSON, details MAP(VARCHAR, JSON), "at" VARCHAR, channel VARCHAR, scale INTEGER[], direction VARCHAR, metric VARCHAR,
    imported BOOLEAN)'
})"""
"""One line an answer: its id, version, answer and facts. An item of the table has at most 400 KB."""

_COLUMNS = {
    "invitation_id": "i",
    "rating": "CASE WHEN json_type(a.rating) IN ('UBIGINT', 'BIGINT') THEN TRY_CAST(a.rating AS INTEGER) END",
    "metric": "a.metric",
    "scale_min": "a.scale[1]",
    "scale_max": "a.scale[2]",
    "direction": "a.direction",
    "answered_at": 'CAST(CAST(a."at" AS TIMESTAMPTZ) AS TIMESTAMP)',
    "version": "v",
    "answer_channel": "a.channel",
    "imported": "coalesce(a.imported, false)",
    "comment": """nullif(array_to_string(
      list_transform(list_filter(said, lambda each: json_type(each) = 'VARCHAR'), lambda each: each->>'$'), chr(10)), '')""",
    "reasons": """flatten(
      list_transform(list_filter(said, lambda each: json_type(each) = 'ARRAY'), lambda each: CAST(each AS VARCHAR[])))""",
    **{name: f"f['{name}']->>'$'" for name in _OWN_COLUMN},
    "tags": """CASE json_type(f['tag'])
      WHEN 'ARRAY' THEN CAST(f['tag'] AS VARCHAR[]) WHEN 'VARCHAR' THEN [f['tag']->>'$'] ELSE [] END""",
    "attributes": f"""map_from_entries(list_transform(
      list_filter(map_entries(f), lambda each: each.key NOT IN {(*_OWN_COLUMN, "tag")}),
      lambda each: {{k: each.key, v: each.value->>'$'}}))""",
}

NAMES = tuple(_COLUMNS)

SELECT = f"WITH lines AS ({_LINES}\n) SELECT\n  " + ",\n  ".join(f"{value} AS {name}" for name, value in _COLUMNS.items()) + "\nFROM lines"
