"""Times: what is found, what it stands for, and what is never a time. Published on Friday 8 August 2008."""

from __future__ import annotations

from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.extractor.core import times
from services.extractor.core.times import Resolved, Tense, TimeGrammar, TimeMention

WORDS = Path(times.__file__).parents[1] / "data" / "time_words.yaml"
GRAMMAR = TimeGrammar.from_mapping(yaml.safe_load(WORDS.read_text(encoding="utf-8")))
ZONE = ZoneInfo("Asia/Tbilisi")  # +04:00 all through 2008
PUBLISHED = datetime(2008, 8, 8, 12, 0, tzinfo=UTC)  # 16:00 local


def found(text: str) -> tuple[TimeMention, ...]:
    return GRAMMAR.find(text, 0, len(text))


def shown(resolved: Resolved | None) -> str | None:
    """Local wall-clock start, end and precision: "2008-08-07T10:00 minute", "2008-08-02T00:00/2008-08-03T00:00 day"."""
    if resolved is None:
        return None
    assert resolved.start.tzinfo is not None
    start = resolved.start.strftime("%Y-%m-%dT%H:%M")
    end = "" if resolved.end is None else "/" + resolved.end.strftime("%Y-%m-%dT%H:%M")
    return f"{start}{end} {resolved.precision}".replace("T00:00", "")


def only(text: str, tense: Tense = "past", anchor: Resolved | None = None) -> tuple[TimeMention, str | None]:
    mentions = found(text)
    assert len(mentions) == 1, [m.text for m in mentions]
    return mentions[0], shown(GRAMMAR.resolve(mentions[0], published=PUBLISHED, zone=ZONE, tense=tense, anchor=anchor))


PAST = [
    # clocks
    ("Guns opened up at 10:00 a.m. local time.", "10:00 a.m. local time", "at", "2008-08-08T10:00 minute"),
    ("A blast shook the port at 9:21pm August 7th.", "9:21pm August 7th", "at", "2008-08-07T21:21 minute"),
    ("The jets came at 0800 GMT.", "0800 GMT", "at", "2008-08-08T12:00 minute"),
    ("The jets came at 1400 GMT.", "1400 GMT", "at", "2008-08-07T18:00 minute"),
    ("It began around 10:30 UTC.", "10:30 UTC", None, "2008-08-08T14:30 minute"),
    ("Firing began at 0630 local.", "0630 local", "at", "2008-08-08T06:30 minute"),
    ("Firing began at 0630 hours.", "0630 hours", "at", "2008-08-08T06:30 minute"),
    ("The bridge fell at 5 p.m. Thursday.", "5 p.m. Thursday", "at", "2008-08-07T17:00 hour"),
    ("They met on Thursday at 5 PM.", "Thursday at 5 PM", "on", "2008-08-07T17:00 hour"),
    ("The siren sounded at 10.30 a.m.", "10.30 a.m.", "at", "2008-08-08T10:30 minute"),
    ("The siren sounded at 11:15.", "11:15", "at", "2008-08-08T11:15 minute"),
    ("15:20 Smoke is seen over the port.", "15:20", None, "2008-08-08T15:20 minute"),
    ("The column left at noon on Thursday.", "noon on Thursday", "at", "2008-08-07T12:00 minute"),
    ("Shells fell at midnight.", "midnight", "at", "2008-08-08 minute"),
    ("Firing stopped at 10 am Moscow time.", "10 am Moscow time", "at", "2008-08-08T10:00 hour"),
    ("Firing stopped at 11:00 UTC+3.", "11:00 UTC+3", "at", "2008-08-08T12:00 minute"),
    ("Firing stopped at 11:00 CET.", "11:00 CET", "at", "2008-08-08T14:00 minute"),
    ("Firing stopped at 05:00 EST.", "05:00 EST", "at", "2008-08-08T14:00 minute"),
    ("Firing stopped at 0930Z.", "0930Z", "at", "2008-08-08T13:30 minute"),
    ("They left at five o'clock in the afternoon.", "five o'clock in the afternoon", "at", "2008-08-07T17:00 hour"),
    ("They left at 10:00 in the evening.", "10:00 in the evening", "at", "2008-08-07T22:00 minute"),
    ("The post fell shortly after 3 a.m. on Sunday.", "3 a.m. on Sunday", "after", "2008-08-03T03:00 hour"),
    ("Tanks crossed at 04:15 on 24 February 2008.", "04:15 on 24 February 2008", "at", "2008-02-24T04:15 minute"),
    ("Log entry 2008-08-07T22:30Z was signed.", "2008-08-07T22:30Z", None, "2008-08-08T02:30 minute"),
    # dates
    ("On 7 August 2008 the road closed.", "7 August 2008", "on", "2008-08-07 day"),
    ("The road closed on August 7.", "August 7", "on", "2008-08-07 day"),
    ("The road closed Aug. 7.", "Aug. 7", None, "2008-08-07 day"),
    ("The road closed on 8/8/2008.", "8/8/2008", "on", "2008-08-08 day"),
    ("The road closed on 12/31/2007.", "12/31/2007", "on", "2007-12-31 day"),
    ("The road closed on 31/12/2007.", "31/12/2007", "on", "2007-12-31 day"),
    ("The road closed on 07.08.2008.", "07.08.2008", "on", "2008-08-07 day"),
    ("Dated 2015-01-20, the paper lies here.", "2015-01-20", None, "2015-01-20 day"),
    ("They voted on Saturday, 19 January.", "Saturday, 19 January", "on", "2008-01-19 day"),
    ("They voted on Thursday, August 7, 2008, in camp.", "Thursday, August 7, 2008", "on", "2008-08-07 day"),
    ("They voted on Thurs, Aug. 7 in camp.", "Thurs, Aug. 7", "on", "2008-08-07 day"),
    ("The raid of 24 March was the first.", "24 March", "of", "2008-03-24 day"),
    ("The raid of 24 December was the last.", "24 December", "of", "2007-12-24 day"),
    ("The raid on the 3rd of May was the last.", "the 3rd of May", "on", "2008-05-03 day"),
    ("He was born on 29 February.", "29 February", "on", "2008-02-29 day"),
    ("The treaty of 8 August last year failed.", "8 August last year", "of", "2007-08-08 day"),
    ("The gate stayed shut until August 9.", "August 9", "until", "2008-08-09 day"),
    # days
    ("Last Tuesday the wells ran dry.", "Last Tuesday", None, "2008-08-05 day"),
    ("The wells ran dry last Friday.", "last Friday", None, "2008-08-01 day"),
    ("The wells ran dry on Friday.", "Friday", "on", "2008-08-08 day"),
    ("Shells have fallen since Tuesday.", "Tuesday", "since", "2008-08-05 day"),
    ("As of Monday the bridge was open.", "Monday", "as of", "2008-08-04 day"),
    ("Monday's raid was short.", "Monday", None, "2008-08-04 day"),
    ("The post fell on Tuesday of last week.", "Tuesday of last week", "on", "2008-07-29 day"),
    ("The post fell yesterday.", "yesterday", None, "2008-08-07 day"),
    ("The post fell today.", "today", None, "2008-08-08 day"),
    ("The post fell the day before yesterday.", "the day before yesterday", None, "2008-08-06 day"),
    ("The convoy left two days ago.", "two days ago", None, "2008-08-06 day"),
    ("The convoy had left two days earlier.", "two days earlier", None, "2008-08-06 day"),
    ("The convoy left twenty-one days ago.", "twenty-one days ago", None, "2008-07-18 day"),
    ("The convoy left three hours ago.", "three hours ago", None, "2008-08-08T13:00 hour"),
    ("The convoy left 20 minutes ago.", "20 minutes ago", None, "2008-08-08T15:40 minute"),
    ("The convoy left half an hour ago.", "half an hour ago", None, "2008-08-08T15:30 minute"),
    ("The convoy left a week ago.", "a week ago", None, "2008-07-28 week"),
    ("The convoy left two months ago.", "two months ago", None, "2008-06-01 month"),
    ("The war ended nine years ago.", "nine years ago", None, "1999-01-01 year"),
    # parts of the day
    ("Early on Tuesday the guns spoke.", "Early on Tuesday", None, "2008-08-05 part_of_day"),
    ("Early Tuesday the guns spoke.", "Early Tuesday", None, "2008-08-05 part_of_day"),
    ("Late on August 7 the guns spoke.", "Late on August 7", None, "2008-08-07T21:00 part_of_day"),
    ("The guns spoke on Monday night.", "Monday night", "on", "2008-08-04T22:00 part_of_day"),
    ("The guns spoke Saturday evening.", "Saturday evening", None, "2008-08-02T18:00 part_of_day"),
    ("The guns spoke early Tuesday morning.", "early Tuesday morning", None, "2008-08-05T05:00 part_of_day"),
    ("The guns spoke on the evening of 7 August.", "the evening of 7 August", "on", "2008-08-07T18:00 part_of_day"),
    ("It was in the early hours of 8 August.", "the early hours of 8 August", "in", "2008-08-08 part_of_day"),
    ("The guns spoke yesterday afternoon.", "yesterday afternoon", None, "2008-08-07T12:00 part_of_day"),
    ("The guns spoke this morning.", "this morning", None, "2008-08-08T06:00 part_of_day"),
    ("The guns spoke last night.", "last night", None, "2008-08-07T22:00 part_of_day"),
    ("The guns spoke at dawn.", "dawn", "at", "2008-08-08T05:00 part_of_day"),
    ("The guns spoke in the evening.", "the evening", "in", "2008-08-07T18:00 part_of_day"),
    ("The guns spoke overnight.", "overnight", None, "2008-08-07T18:00/2008-08-08T06:00 part_of_day"),
    ("Overnight into Tuesday it rained.", "Overnight into Tuesday", None,
     "2008-08-04T18:00/2008-08-05T06:00 part_of_day"),
    ("It rained overnight from Monday to Tuesday.", "overnight from Monday to Tuesday", None,
     "2008-08-04T18:00/2008-08-05T06:00 part_of_day"),
    ("It was the night of 6-7 May.", "the night of 6-7 May", None, "2008-05-06T22:00/2008-05-07T06:00 part_of_day"),
    ("It was the night of Monday to Tuesday.", "the night of Monday to Tuesday", None,
     "2008-08-04T22:00/2008-08-05T06:00 part_of_day"),
    # periods
    ("This week the pass opened.", "This week", None, "2008-08-04 week"),
    ("Last week the pass opened.", "Last week", None, "2008-07-28 week"),
    ("The pass opened earlier this week.", "earlier this week", None, "2008-08-04 week"),
    ("The pass opened last month.", "last month", None, "2008-07-01 month"),
    ("The pass opened last year.", "last year", None, "2007-01-01 year"),
    ("The pass opened over the weekend.", "the weekend", "during", "2008-08-02/2008-08-03 day"),
    ("The pass opened last weekend.", "last weekend", None, "2008-08-02/2008-08-03 day"),
    ("The pass opened in March.", "March", "in", "2008-03-01 month"),
    ("The pass opened in October.", "October", "in", "2007-10-01 month"),
    ("The pass opened last March.", "last March", None, "2008-03-01 month"),
    ("The pass opened in mid-March.", "mid-March", "in", "2008-03-01 month"),
    ("The pass opened in March this year.", "March this year", "in", "2008-03-01 month"),
    ("The pass opened in May 1998.", "May 1998", "in", "1998-05-01 month"),
    ("The pass has been open since June.", "June", "since", "2008-06-01 month"),
    ("The pass opened in 1999.", "1999", "in", "1999-01-01 year"),
    ("In 1999 troops crossed.", "1999", "In", "1999-01-01 year"),
    ("The pass opened in early 1999.", "early 1999", "in", "1999-01-01 year"),
    ("Since the start of the year it has been shut.", "the start of the year", "since", "2008-01-01 month"),
    ("It opened at the beginning of the month.", "the beginning of the month", "at", "2008-08-01 day"),
    ("It opened in the spring of 1994.", "the spring of 1994", "in", "1994-03-01/1994-05-01 month"),
    ("It opened in the winter of 1994.", "the winter of 1994", "in", "1994-01-01 year"),
    ("It opened last summer.", "last summer", None, "2007-06-01/2007-08-01 month"),
    ("The war of the 1990s is over.", "the 1990s", "of", "1990-01-01/1999-01-01 year"),
    ("Over the past 24 hours it rained.", "the past 24 hours", "during", "2008-08-07T16:00/2008-08-08T16:00 hour"),
    ("In the last three days it rained.", "the last three days", "in", "2008-08-05/2008-08-08 day"),
    # ranges
    ("Talks ran between March 3 and 5.", "March 3 and 5", "between", "2008-03-03/2008-03-05 day"),
    ("Talks ran from 7 to 9 July.", "7 to 9 July", "from", "2008-07-07/2008-07-09 day"),
    ("Talks ran 7-12 July 2007.", "7-12 July 2007", None, "2007-07-07/2007-07-12 day"),
    ("Talks ran on 6 and 7 August.", "6 and 7 August", "on", "2008-08-06/2008-08-07 day"),
    ("Talks ran from 30 August to 2 September 2007.", "30 August to 2 September 2007", "from",
     "2007-08-30/2007-09-02 day"),
    ("Talks ran from Monday to Wednesday.", "Monday to Wednesday", "from", "2008-08-04/2008-08-06 day"),
    ("Talks ran from 06:00 to 07:00 GMT on Monday.", "06:00 to 07:00 GMT on Monday", "from",
     "2008-08-04T10:00/2008-08-04T11:00 minute"),
    ("A curfew held from 8 p.m. to 6 a.m.", "8 p.m. to 6 a.m.", "from", "2008-08-07T20:00/2008-08-08T06:00 hour"),
    ("Talks ran from March to May 2007.", "March to May 2007", "from", "2007-03-01/2007-05-01 month"),
    ("The war of 1992-95 is over.", "1992-95", "of", "1992-01-01/1995-01-01 year"),
    ("It lay empty between 1992 and 1995.", "1992 and 1995", "between", "1992-01-01/1995-01-01 year"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "text", "relation", "expected"), PAST, ids=[case[0] for case in PAST])
def test_past(sentence: str, text: str, relation: str | None, expected: str) -> None:
    mention, resolved = only(sentence)
    assert (mention.text, mention.relation, resolved) == (text, relation and relation.lower(), expected)


FUTURE = [
    ("The ban starts at midnight on August 9.", "2008-08-09 minute"),
    ("The ban starts at 10:00.", "2008-08-09T10:00 minute"),
    ("The ban starts at 22:00.", "2008-08-08T22:00 minute"),
    ("The ban holds until midnight.", "2008-08-09 minute"),
    ("The ban starts on Friday.", "2008-08-08 day"),
    ("The ban starts by Monday.", "2008-08-11 day"),
    ("The ban starts next Friday.", "2008-08-15 day"),
    ("The ban starts next Wednesday.", "2008-08-13 day"),
    ("The ban starts this Sunday.", "2008-08-10 day"),
    ("The ban starts tomorrow evening.", "2008-08-09T18:00 part_of_day"),
    ("The ban starts tonight.", "2008-08-08T22:00 part_of_day"),
    ("The ban starts overnight.", "2008-08-08T18:00/2008-08-09T06:00 part_of_day"),
    ("The ban starts on August 7.", "2009-08-07 day"),
    ("The ban starts in March.", "2009-03-01 month"),
    ("The ban starts next week.", "2008-08-11 week"),
    ("The ban starts next month.", "2008-09-01 month"),
    ("The ban starts next year.", "2009-01-01 year"),
    ("The ban starts at the weekend.", "2008-08-09/2008-08-10 day"),
    ("They must go within 48 hours.", "2008-08-08T16:00/2008-08-10T16:00 hour"),
    ("The ban starts in two days.", "2008-08-10 day"),
    ("The ban lasts the next three days.", "2008-08-08/2008-08-11 day"),
    ("The ban holds until the end of the month.", "2008-08-31 day"),
    ("The ban starts three weeks from now.", "2008-08-25 week"),
]


@pytest.mark.parametrize(("sentence", "expected"), FUTURE)
def test_future(sentence: str, expected: str) -> None:
    assert only(sentence, "future")[1] == expected


ANCHOR_DAY = Resolved(datetime(2008, 5, 3, tzinfo=ZONE), None, "day", inferred=False)
ANCHOR_CLOCK = Resolved(datetime(2008, 5, 3, 9, 15, tzinfo=ZONE), None, "minute", inferred=False)
ANCHOR_MONTH = Resolved(datetime(2008, 5, 1, tzinfo=ZONE), None, "month", inferred=False)

ANCHORED = [
    ("Two days earlier a truce was signed.", ANCHOR_DAY, "2008-05-01 day"),
    ("A day after, the truce broke.", ANCHOR_DAY, "2008-05-04 day"),
    ("The same day the truce broke.", ANCHOR_DAY, "2008-05-03 day"),
    ("The next day the truce broke.", ANCHOR_DAY, "2008-05-04 day"),
    ("The previous day a truce held.", ANCHOR_DAY, "2008-05-02 day"),
    ("The following morning the truce broke.", ANCHOR_DAY, "2008-05-04T06:00 part_of_day"),
    ("That evening the truce broke.", ANCHOR_DAY, "2008-05-03T18:00 part_of_day"),
    ("In the afternoon the truce broke.", ANCHOR_DAY, "2008-05-03T12:00 part_of_day"),
    ("At 23:40 the truce broke.", ANCHOR_DAY, "2008-05-03T23:40 minute"),
    ("Three hours later the truce broke.", ANCHOR_CLOCK, "2008-05-03T12:15 hour"),
    ("The following week the truce broke.", ANCHOR_DAY, "2008-05-05 week"),
    ("Three hours later the truce broke.", ANCHOR_DAY, None),
    ("The next day the truce broke.", ANCHOR_MONTH, None),
    ("At 23:40 the truce broke.", ANCHOR_MONTH, None),
    ("The same day the truce broke.", None, None),
    ("The following morning the truce broke.", None, None),
    ("A day after, the truce broke.", None, None),
    ("Three hours later the truce broke.", None, None),
]


@pytest.mark.parametrize(("sentence", "anchor", "expected"), ANCHORED)
def test_anchored(sentence: str, anchor: Resolved | None, expected: str | None) -> None:
    assert only(sentence, anchor=anchor)[1] == expected


UNRESOLVED = [
    "The siege went on for 48 hours.",
    "It happened on day three of the siege.",
    "It was the second day of fighting.",
    "Recently the mood changed.",
    "In recent days the mood changed.",
    "It happened a few days ago.",
    "It happened several weeks ago.",
    "It happened two days before the vote.",
    "It happened on 7/8/2008.",
    "It happened on 31 June.",
    "He was given 20 years in prison.",
]


@pytest.mark.parametrize("sentence", UNRESOLVED)
def test_found_and_not_resolved(sentence: str) -> None:
    assert only(sentence)[1] is None


NEVER = [
    "A 19-year-old was hurt.", "A man aged 45 was hurt.", "He is 45 years old.", "Petrov, 45, was hurt.",
    "Security Council Resolution 1973 was read.", "A Su-24 came down.", "The number reached 1400.",
    "They may leave.", "The rebels march north.", "March on the palace!", "The Sun wrote of it.",
    "The Sunday Times wrote of it.", "Bloody Sunday is a film.", "Russia Today showed it.", "They won 3-1.",
    "It cost 1999 dollars.", "A force of 2000 men came.", "They killed 2000 people.", "A 155mm gun fired.",
    "The camp is 20 kilometres off.", "The 58th Army moved.", "Theresa May spoke.", "The fall of the town came.",
    "A two-day truce held.", "Boeing 777 is a plane.", "He drove 100 kilometres an hour.", "Highway 10 is shut.",
    "It grew by 10.30 metres.", "Call +995 32 291 0000.", "The week is not named here.", "At 25:00 nothing is.",
    "Some 3,000 troops came.", "Article 5 was read.", "Spring the trap.", "August company met.",
]  # fmt: skip


@pytest.mark.parametrize("sentence", NEVER)
def test_never_a_time(sentence: str) -> None:
    assert [mention.text for mention in found(sentence)] == []


def test_a_month_before_a_count_is_a_month() -> None:
    mention, resolved = only("In March 12 people fell ill.")
    assert (mention.text, resolved) == ("March", "2008-03-01 month")


@pytest.mark.parametrize(
    ("sentence", "inferred"),
    [
        ("It began at 10:00.", True),
        ("It began at dawn.", True),
        ("It began two days earlier.", True),
        ("It began on Tuesday at 10:00.", False),
        ("It began on Tuesday.", False),
        ("It began overnight.", False),
    ],
)
def test_inferred_where_the_day_is_not_said(sentence: str, inferred: bool) -> None:
    resolved = GRAMMAR.resolve(found(sentence)[0], published=PUBLISHED, zone=ZONE, tense="past")
    assert resolved is not None
    assert resolved.inferred is inferred


def test_relation_begins_at_its_preposition() -> None:
    text = "Shelling has gone on ever since early Tuesday."
    mention = found(text)[0]
    assert text[mention.relation_start : mention.end] == "ever since early Tuesday"


def test_several_mentions_in_order() -> None:
    text = "On Monday, and again on 7 August at 14:00 UTC, they met; by Friday all was over."
    assert [m.text for m in found(text)] == ["Monday", "7 August at 14:00 UTC", "Friday"]


def test_only_inside_the_bounds() -> None:
    text = "On Monday they met; on Tuesday they parted."
    start = text.index("on Tuesday")
    assert [(m.text, m.start) for m in GRAMMAR.find(text, start, len(text))] == [("Tuesday", text.index("Tuesday"))]
    assert GRAMMAR.find(text, start, start + 6) == ()


def test_elapsed_hours_cross_a_change_of_clocks() -> None:
    kyiv = ZoneInfo("Europe/Kyiv")  # 03:00 became 04:00 on 27 March 2022
    published = datetime(2022, 3, 27, 4, 30, tzinfo=kyiv)
    resolved = GRAMMAR.resolve(found("It began two hours ago.")[0], published=published, zone=kyiv, tense="past")
    assert resolved is not None
    assert published.astimezone(UTC) - resolved.start.astimezone(UTC) == timedelta(hours=2)


VOCABULARY = (
    "on at from to until between the of early late last next Monday Tuesday August March May 7 12 1999 10:00 a.m."
    " 1400 GMT night morning overnight days ago earlier two week month year - , . and mid- the\n"
)
PIECES = st.sampled_from(VOCABULARY.split(" "))
TEXTS = st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=30).map(" ".join))


@given(TEXTS, st.integers(0, 50), st.sampled_from(["past", "present", "future"]))
def test_any_text_is_read_without_failure(text: str, start: int, tense: Tense) -> None:
    start = min(start, len(text))
    last = start
    for mention in GRAMMAR.find(text, start, len(text)):
        assert last <= mention.start < mention.end <= len(text)
        assert start <= mention.relation_start <= mention.start
        assert text[mention.start : mention.end] == mention.text
        last = mention.end
        for anchor in (None, ANCHOR_DAY, ANCHOR_MONTH):
            resolved = GRAMMAR.resolve(mention, published=PUBLISHED, zone=ZONE, tense=tense, anchor=anchor)
            if resolved is not None:
                assert resolved.start.utcoffset() is not None
                assert resolved.end is None or resolved.end > resolved.start
            assert resolved is None or astuple(resolved)


@pytest.mark.timeout(90)
@pytest.mark.parametrize("unit", ["7", "7 ", "Monday ", "the ", "10:00 ", "a", " ", "early ", "2008-", "August "])
def test_a_long_text_is_read_in_linear_time(unit: str) -> None:
    # Backtracking that is not bounded would take hours here, so the limit tells without a stopwatch.
    text = unit * (50_000 // len(unit))
    for mention in GRAMMAR.find(text, 0, len(text)):
        assert text[mention.start : mention.end] == mention.text
