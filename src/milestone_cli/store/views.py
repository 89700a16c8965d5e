"""The views for people who look with SQL of their own: days as ISO, keys for numbers, money in the currency's unit.

Invariant: a view says of an opportunity what the projections say; milestones have the number that they have in the
newest definition of their process, and none where it does not have them any more.
"""

from __future__ import annotations

_PER_UNIT = """CASE json_extract(definition, '$.currency')
        WHEN 'BIF' THEN 1 WHEN 'CLP' THEN 1 WHEN 'DJF' THEN 1 WHEN 'GNF' THEN 1 WHEN 'ISK' THEN 1 WHEN 'JPY' THEN 1
        WHEN 'KMF' THEN 1 WHEN 'KRW' THEN 1 WHEN 'PYG' THEN 1 WHEN 'RWF' THEN 1 WHEN 'UGX' THEN 1 WHEN 'UYI' THEN 1
        WHEN 'VND' THEN 1 WHEN 'VUV' THEN 1 WHEN 'XAF' THEN 1 WHEN 'XOF' THEN 1 WHEN 'XPF' THEN 1
        WHEN 'BHD' THEN 1000 WHEN 'IQD' THEN 1000 WHEN 'JOD' THEN 1000 WHEN 'KWD' THEN 1000 WHEN 'LYD' THEN 1000
        WHEN 'OMR' THEN 1000 WHEN 'TND' THEN 1000 WHEN 'CLF' THEN 10000 WHEN 'UYW' THEN 10000 ELSE 100 END"""


def _iso(column: str) -> str:
    return f"date({column} * 86400, 'unixepoch')"


# What is taken back takes nothing back itself: the voids are gone through from the last one on, as everywhere.
_MILESTONES = f"""
    WITH RECURSIVE
    void(place, id, target) AS (
        SELECT row_number() OVER (ORDER BY number DESC), id, json_extract(payload, '$.voids')
        FROM fact WHERE opportunity IS NULL AND kind = 'voided'),
    gone(place, ids) AS (
        SELECT 0, ' ' UNION ALL
        SELECT v.place, CASE WHEN instr(g.ids, v.id) THEN g.ids ELSE g.ids || v.target || ' ' END
        FROM gone g JOIN void v ON v.place = g.place + 1),
    defined(process, definition, place) AS (
        SELECT json_extract(payload, '$.definition.key'), json_extract(payload, '$.definition'),
        row_number() OVER (PARTITION BY json_extract(payload, '$.definition.key')
            ORDER BY coalesce(json_extract(payload, '$.from'), -1) DESC, entered_at DESC, number DESC)
        FROM fact WHERE opportunity IS NULL AND kind IN ('version_defined', 'plan_changed')
        AND NOT instr((SELECT ids FROM gone ORDER BY place DESC LIMIT 1), id))
    SELECT d.process, json_extract(d.definition, '$.title') AS process_title,
    CAST(m.key AS INTEGER) + 1 AS number, json_extract(m.value, '$.key') AS key,
    json_extract(m.value, '$.name') AS name, CAST(json_extract(m.value, '$.rate') AS REAL) AS planned_rate,
    json_extract(m.value, '$.days') AS planned_days, json_extract(d.definition, '$.currency') AS currency,
    {_PER_UNIT} AS per_unit
    FROM defined d, json_each(d.definition, '$.milestones') m WHERE d.place = 1"""

_OPPORTUNITIES = f"""
    SELECT o.key, c.name AS customer, o.title, p.key AS process, r.key AS rep,
    o.value * 1.0 / u.per_unit AS value, u.currency, n.number AS milestone, m.key AS milestone_key,
    {_iso("coalesce(a.day, o.standing_since)")} AS reached_on, o.status, {_iso("o.opened_on")} AS opened_on,
    {_iso("o.won_on")} AS won_on, {_iso("o.lost_on")} AS lost_on
    FROM opportunity o JOIN customer c ON c.number = o.customer JOIN process p ON p.number = o.process
    LEFT JOIN rep r ON r.number = o.rep LEFT JOIN milestone m ON m.number = o.milestone
    LEFT JOIN arrival a ON a.opportunity = o.number AND a.milestone = o.milestone
    LEFT JOIN v_milestones u ON u.process = p.key AND u.number = 1
    LEFT JOIN v_milestones n ON n.process = p.key AND n.key = m.key
    WHERE o.status <> 'undone'"""

_ARRIVALS = f"""
    SELECT p.key AS process, n.number AS milestone, m.key AS milestone_key, {_iso("a.day")} AS day,
    o.key AS opportunity, c.name AS customer, r.key AS rep, a.value * 1.0 / u.per_unit AS value, u.currency, a.implied,
    a.bulk
    FROM arrival a JOIN opportunity o ON o.number = a.opportunity JOIN customer c ON c.number = o.customer
    JOIN process p ON p.number = a.process JOIN milestone m ON m.number = a.milestone
    LEFT JOIN rep r ON r.number = a.rep
    LEFT JOIN v_milestones u ON u.process = p.key AND u.number = 1
    LEFT JOIN v_milestones n ON n.process = p.key AND n.key = m.key"""

_SECTIONS = f"""
    WITH been(opportunity, milestone, day, implied, bulk) AS (
        SELECT opportunity, milestone, day, implied, bulk FROM arrival UNION ALL
        SELECT o.number, o.standing_milestone, o.standing_since, 0, 0 FROM opportunity o
        WHERE o.standing_milestone IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM arrival a WHERE a.opportunity = o.number AND a.milestone = o.standing_milestone)),
    placed AS (
        SELECT b.opportunity, n.process, n.number, n.key, b.day, b.implied, b.bulk,
        lead(n.number) OVER steps AS next_number, lead(b.day) OVER steps AS next_day,
        lead(b.implied) OVER steps AS next_implied, lead(b.bulk) OVER steps AS next_bulk
        FROM been b JOIN milestone m ON m.number = b.milestone JOIN process p ON p.number = m.process
        JOIN v_milestones n ON n.process = p.key AND n.key = m.key
        WINDOW steps AS (PARTITION BY b.opportunity ORDER BY n.number)),
    walked AS (
        SELECT s.*, o.key AS opportunity_key, o.customer, o.rep,
        CASE WHEN next_number IS NOT NULL THEN 'moved' WHEN o.status = 'lost' THEN 'lost' ELSE 'open' END AS outcome,
        CASE WHEN next_number IS NOT NULL THEN next_day WHEN o.status = 'lost' THEN o.lost_on END AS left_day
        FROM placed s JOIN opportunity o ON o.number = s.opportunity
        WHERE next_number IS NOT NULL OR o.status <> 'won')
    SELECT w.opportunity_key AS opportunity, c.name AS customer, w.process, r.key AS rep,
    w.number AS from_milestone, w.key AS from_key, t.number AS to_milestone, t.key AS to_key,
    {_iso("w.day")} AS entered_on, {_iso("w.left_day")} AS left_on, w.left_day - w.day AS days, w.outcome,
    max(w.implied, coalesce(w.next_implied, 0)) AS implied, max(w.bulk, coalesce(w.next_bulk, 0)) AS bulk
    FROM walked w JOIN customer c ON c.number = w.customer LEFT JOIN rep r ON r.number = w.rep
    JOIN v_milestones t ON t.process = w.process AND t.number = coalesce(w.next_number, w.number + 1)"""

READABLE = {
    "v_milestones": _MILESTONES,
    "v_opportunities": _OPPORTUNITIES,
    "v_arrivals": _ARRIVALS,
    "v_sections": _SECTIONS,
}
"""By name, each after those it reads."""


def as_query(view: str) -> str:
    """Return what a view says as a query of its own.

    Our own connections do not trust the schema of a file, and so run no JSON function out of a view.
    """
    if view == "v_milestones":
        return _MILESTONES
    return f"WITH v_milestones AS ({_MILESTONES}) SELECT * FROM ({READABLE[view]})"
