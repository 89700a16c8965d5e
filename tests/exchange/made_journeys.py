"""Journeys made up by hypothesis, what they amount to, and how the systems would write them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hypothesis import strategies as st
from tests.exchange.exported import File, exported

STAGES = ("New", "Interest", "Talk", "Offer", "Order")
"""By the number of their milestone; 0 is a target customer, the last one is won."""
LOST = "Lost"
MAP = b"""
zone = "UTC"
[stages]
"New" = 0
"Interest" = 1
"Talk" = 2
"Offer" = 3
"Order" = "won"
"Lost" = "lost"
[owners]
"0050Y00000aaaAAQAY" = "anna"
"0050Y00000bbbBBQAY" = "ben"
"""
OWNERS = {"anna": "0050Y00000aaaAAQAY", "ben": "0050Y00000bbbBBQAY"}
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)


class State(NamedTuple):
    """What a deal is from a moment on."""

    time: datetime
    stage: str
    amount: int
    owner: str
    why: str
    """What changed: stage, amount, owner, or nothing that counts."""


@dataclass(frozen=True)
class Made:
    """A deal and its way."""

    id: str
    states: Sequence[State]

    @property
    def now(self) -> State:
        """What it is today."""
        return self.states[-1]

    @property
    def goes_forward(self) -> bool:
        """It enters no stage twice and none that lies before one it has entered."""
        entered = [STAGES.index(s.stage) for s in self.states if s.why in {"created", "stage"} and s.stage != LOST]
        lost = sum(state.why == "stage" and state.stage == LOST for state in self.states)
        return entered == sorted(set(entered)) and lost < 2

    def facts(self) -> Iterator[tuple[object, ...]]:
        """Yield what it amounts to: what, milestone, day, amount, owner."""
        first = self.states[0]
        yield "opened", None, first.time.date(), first.amount, first.owner
        highest, lost = 0, False
        for state in self.states[1:]:
            day = state.time.date()
            if state.why == "amount":
                yield "revalued", None, day, state.amount, None
            elif state.why == "owner":
                yield "assigned", None, day, None, state.owner
            elif state.why == "stage" and state.stage == LOST:
                lost = True
                yield "lost", None, day, None, None
            elif state.why == "stage":
                if lost:
                    lost = False
                    yield "reopened", None, day, None, None
                number = STAGES.index(state.stage)
                if number > highest:
                    highest = number
                    yield "reached", number, day, None, None


@st.composite
def journeys(draw: st.DrawFn) -> list[Made]:
    """Return deals with skipped stages, stages entered twice, losses taken back, and changes that mean nothing."""
    return [draw(_journey(f"0060Y00000abc{place:02}AAA")) for place in range(draw(st.integers(1, 3)))]


@st.composite
def _journey(draw: st.DrawFn, id_: str) -> Made:
    time = BEGIN + timedelta(days=draw(st.integers(0, 300)), minutes=draw(st.integers(0, 1439)))
    states = [State(time, STAGES[0], draw(st.integers(1, 9)), draw(st.sampled_from(sorted(OWNERS))), "created")]
    for why in draw(st.lists(st.sampled_from(["stage", "stage", "stage", "amount", "owner", "nothing"]), max_size=9)):
        now = states[-1]
        if now.stage == STAGES[-1]:
            break
        # a day for each change: what happens within one day is not told line by line
        midnight = now.time.replace(hour=0, minute=0)
        time = midnight + timedelta(days=draw(st.integers(1, 30)), minutes=draw(st.integers(0, 1439)))
        if why == "stage":
            others = [stage for stage in (*STAGES, LOST) if stage != now.stage]
            states.append(now._replace(time=time, stage=draw(st.sampled_from(others)), why=why))
        elif why == "amount":
            amount = draw(st.integers(1, 9).filter(lambda amount, now=now: amount != now.amount))
            states.append(now._replace(time=time, amount=amount, why=why))
        elif why == "owner":
            states.append(now._replace(time=time, owner="ben" if now.owner == "anna" else "anna", why=why))
        else:
            states.append(now._replace(time=time, why=why))
    return Made(id_, states)


def stamp(time: datetime) -> str:
    """Return a time as Salesforce writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def milliseconds(time: datetime) -> str:
    """Return a time as HubSpot's interface for programs writes it."""
    return str(int(time.timestamp() * 1000))


def opportunity_table(deals: Sequence[Made]) -> File:
    """Return Salesforce's Opportunity."""
    header = [
        "Id",
        "Account.Name",
        "StageName",
        "Amount",
        "OwnerId",
        "CreatedDate",
        "LastStageChangeDate",
        "Probability",
    ]
    rows = []
    for deal in deals:
        moved = [state.time for state in deal.states if state.why == "stage"]
        now = deal.now
        rows.append(
            [
                deal.id, f"Customer {deal.id}", now.stage, f"{now.amount}.0", OWNERS[now.owner],
                stamp(deal.states[0].time), stamp(moved[-1]) if moved else "", "50",
            ]
        )  # fmt: skip
    return exported("Opportunity.csv", header, *rows)


def history_table(deals: Sequence[Made]) -> File:
    """Return Salesforce's OpportunityHistory: a row for each state but that of another owner."""
    header = ["Id", "OpportunityId", "CreatedDate", "StageName", "Amount", "PrevAmount", "CloseDate", "IsDeleted"]
    rows = []
    for deal in deals:
        before = ""
        for state in deal.states:
            if state.why != "owner":
                previous = before if state.why == "amount" else ""
                amount = f"{state.amount}.0"
                rows.append(["008", deal.id, stamp(state.time), state.stage, amount, previous, "2026-12-31", "false"])
                before = amount
    return exported("OpportunityHistory.csv", header, *rows)


def field_history_table(deals: Sequence[Made]) -> File:
    """Return Salesforce's OpportunityFieldHistory: old and new value of every change, an owner by name and by id."""
    header = ["Id", "OpportunityId", "CreatedDate", "Field", "OldValue", "NewValue"]
    rows = []
    for deal in deals:
        rows.append(["017", deal.id, stamp(deal.states[0].time), "created", "", ""])
        for old, new in zip(deal.states, deal.states[1:], strict=False):
            time = stamp(new.time)
            if new.why == "stage":
                rows.append(["017", deal.id, time, "StageName", old.stage, new.stage])
            elif new.why == "amount":
                rows.append(["017", deal.id, time, "Amount", f"{old.amount}.0", f"{new.amount}.0"])
            elif new.why == "owner":
                rows.append(["017", deal.id, time, "Owner", old.owner.title(), new.owner.title()])
                rows.append(["017", deal.id, time, "Owner", OWNERS[old.owner], OWNERS[new.owner]])
    return exported("OpportunityFieldHistory.csv", header, *rows)


def deals_table(deals: Sequence[Made]) -> File:
    """Return HubSpot's export of deals: of each stage the last entry."""
    stages = (*STAGES, LOST)
    header = ["Record ID", "Deal Name", "Deal Stage", "Pipeline", "Amount", "Deal owner", "Create Date", "Close Date"]
    rows = []
    for deal in deals:
        now, created = deal.now, deal.states[0].time.strftime("%Y-%m-%d %H:%M")
        entered = {s.stage: s.time.strftime("%Y-%m-%d %H:%M") for s in deal.states if s.why in {"created", "stage"}}
        rows.append(
            [
                deal.id, f"Deal {deal.id}", now.stage, "Sales", str(now.amount), now.owner,
                created, "2026-12-31 00:00", *(entered.get(stage, "") for stage in stages),
            ]
        )  # fmt: skip
    return exported("deals.csv", [*header, *(f'Date entered "{stage} (Sales)"' for stage in stages)], *rows)


def property_table(deals: Sequence[Made], name: str) -> File:
    """Return HubSpot's history of a property: ragged, the newest first, no more than 20."""
    value, why = {
        "dealstage": (lambda state: state.stage, "stage"),
        "amount": (lambda state: str(state.amount), "amount"),
        "hubspot_owner_id": (lambda state: state.owner, "owner"),
    }[name]
    rows = []
    for deal in deals:
        told = [state for state in deal.states if state.why in {"created", why}][::-1][:20]
        rows.append([deal.id, f"Deal {deal.id}", *(text for s in told for text in (value(s), milliseconds(s.time)))])
    return exported(f"{name}.csv", ["id", "name", "value1", "time1", "value2", "time2"], *rows)


STAGE_IDS = {stage: number for number, stage in enumerate((*STAGES, LOST), start=40)}
USER_IDS = {"anna": 7, "ben": 8}
PIPEDRIVE = "%Y-%m-%d %H:%M:%S"


def pipedrive_table(deals: Sequence[Made]) -> File:
    """Return Pipedrive's export of deals: won and lost are a status."""
    header = [
        "Deal - ID", "Deal - Title", "Deal - Owner", "Deal - Value", "Deal - Pipeline", "Deal - Stage", "Deal - Status",
        "Deal - Deal created", "Deal - Last stage change", "Deal - Won time", "Deal - Lost time",
    ]  # fmt: skip
    rows = []
    for deal in deals:
        now = deal.now
        moved = [stage_time for stage_time, _, _ in _moves(deal)]
        ended = max((state.time for state in deal.states if state.why == "stage"), default=now.time)
        ended_text = ended.strftime(PIPEDRIVE)
        rows.append(
            [
                deal.id, f"Deal {deal.id}", now.owner, str(now.amount), "Sales", _stages(deal)[-1], _status(now.stage),
                deal.states[0].time.strftime(PIPEDRIVE), moved[-1].strftime(PIPEDRIVE) if moved else "",
                ended_text if now.stage == STAGES[-1] else "", ended_text if now.stage == LOST else "",
            ]
        )  # fmt: skip
    return exported("deals.csv", header, *rows)


def _status(stage: str) -> str:
    return {STAGES[-1]: "won", LOST: "lost"}.get(stage, "open")


def _stages(deal: Made) -> list[str]:
    """Return the stage after each state, where a loss is no stage but leaves a deal where it was."""
    found: list[str] = []
    for state in deal.states:
        found.append(found[-1] if state.stage == LOST else state.stage)
    return found


def _moves(deal: Made) -> list[tuple[datetime, str, str]]:
    """Return when a deal went from which stage to which."""
    stages = _stages(deal)
    return [
        (state.time, old, new)
        for state, old, new in zip(deal.states[1:], stages, stages[1:], strict=False)
        if old != new
    ]


def pipedrive_changes(deal: Made) -> Iterator[dict[str, object]]:
    """Yield the changes of a deal as Pipedrive's flow has them, the newest first."""
    found: list[tuple[datetime, str, object, object]] = [
        (time, "stage_id", STAGE_IDS[old], STAGE_IDS[new]) for time, old, new in _moves(deal)
    ]
    for old, new in zip(deal.states, deal.states[1:], strict=False):
        if _status(old.stage) != _status(new.stage):
            found.append((new.time, "status", _status(old.stage), _status(new.stage)))
        if new.why == "amount":
            found.append((new.time, "value", old.amount, new.amount))
        elif new.why == "owner":
            found.append((new.time, "user_id", USER_IDS[old.owner], USER_IDS[new.owner]))
    for time, key, before, after in sorted(found, key=lambda one: one[0], reverse=True):
        yield {"item_id": deal.id, "field_key": key, "old_value": before, "new_value": after,
               "is_bulk_update_flag": None, "log_time": time.strftime(PIPEDRIVE)}  # fmt: skip


def pipedrive_flow(deals: Sequence[Made]) -> dict[str, object]:
    """Return what `/v1/deals/ID/flow` answers, by deal."""
    users = {str(number): {"id": number, "name": name} for name, number in USER_IDS.items()}
    return {
        deal.id: {
            "success": True,
            "data": [{"object": "dealChange", "data": one} for one in pipedrive_changes(deal)],
            "related_objects": {"user": users},
        }
        for deal in deals
    }


def pipedrive_stages() -> dict[str, object]:
    """Return what `/v1/stages` answers."""
    return {"data": [{"id": number, "name": name, "pipeline_id": 1} for name, number in STAGE_IDS.items()]}


def lead_table(deals: Sequence[Made]) -> File:
    """Return Odoo's crm.lead: lost is archived with a probability of 0."""
    header = [
        "id", "name", "user_id", "expected_revenue", "stage_id", "create_date", "date_closed", "active", "probability",
    ]  # fmt: skip
    rows = []
    for deal in deals:
        now = deal.now
        ended = max((state.time for state in deal.states if state.why == "stage"), default=now.time)
        is_lost = now.stage == LOST
        rows.append(
            [
                f"__export__.crm_lead_{deal.id}_0a1b2c3d", f"Deal {deal.id}", now.owner, f"{now.amount}.0",
                _stages(deal)[-1], deal.states[0].time.strftime(PIPEDRIVE),
                ended.strftime(PIPEDRIVE) if is_lost else "", "" if is_lost else "True", "0.0" if is_lost else "20.5",
            ]
        )  # fmt: skip
    return exported("crm.lead.csv", header, *rows)


def tracking_table(deals: Sequence[Made]) -> File:
    """Return Odoo's mail.tracking.value with the id of its message's document."""
    header = [
        "res_id", "model", "field", "old_value_char", "new_value_char", "old_value_float", "new_value_float",
        "old_value_integer", "new_value_integer", "create_date",
    ]  # fmt: skip
    rows = []
    for deal in deals:
        for time, before, after in _moves(deal):
            at = time.strftime(PIPEDRIVE)
            rows.append([deal.id, "crm.lead", "stage_id", before, after, "", "", "1", "2", at])
        for old, new in zip(deal.states, deal.states[1:], strict=False):
            at = new.time.strftime(PIPEDRIVE)
            if (old.stage == LOST) != (new.stage == LOST):
                rows.append([deal.id, "crm.lead", "active", "", "", "", "", *("10" if new.stage == LOST else "01"), at])
            if new.why == "amount":
                amounts = [f"{old.amount}.0", f"{new.amount}.0"]
                rows.append([deal.id, "crm.lead", "expected_revenue", "", "", *amounts, "0", "0", at])
            elif new.why == "owner":
                rows.append([deal.id, "crm.lead", "user_id", old.owner, new.owner, "", "", "7", "8", at])
    return exported("mail.tracking.value.csv", header, *rows)
