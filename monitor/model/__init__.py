"""What travels between the stages, and nothing else: frozen values and the outcomes as unions of them.

    Source -> Entry -> Page -> Article -> Finding -> Placement -> Change -> Delivery

A stage takes one of these and returns the next; `jobs` carries them. Every instant is an aware UTC datetime; countries are ISO 3166 codes
(XK for Kosovo); languages are the fifteen variants of `LANGUAGES`.
"""

from __future__ import annotations

from monitor.model.alert import Alert, Delivery, GaveUp, Retry, SendOutcome, Sent, Subscriber
from monitor.model.finding import (
    LANGUAGES,
    SECTORS,
    UNNAMED,
    Analysed,
    AnalysisOutcome,
    Attack,
    Finding,
    Kind,
    Reason,
    Signature,
    Status,
    Undecided,
    Victim,
    Zone,
    without_unnamed,
)
from monitor.model.news import (
    Article,
    DueSource,
    Entry,
    Failed,
    FailureKind,
    Fetched,
    FetchOutcome,
    Listing,
    NextCheck,
    NotModified,
    Page,
    Rejected,
    Source,
    SourceKind,
    Validators,
    Waiting,
)
from monitor.model.story import Attribution, Change, ChangeKind, Decided, Placement, Report, Ruling, Standing, Story, Verdict

__all__ = [
    "LANGUAGES",
    "SECTORS",
    "UNNAMED",
    "Alert",
    "Analysed",
    "AnalysisOutcome",
    "Article",
    "Attack",
    "Attribution",
    "Change",
    "ChangeKind",
    "Decided",
    "Delivery",
    "DueSource",
    "Entry",
    "Failed",
    "FailureKind",
    "FetchOutcome",
    "Fetched",
    "Finding",
    "GaveUp",
    "Kind",
    "Listing",
    "NextCheck",
    "NotModified",
    "Page",
    "Placement",
    "Reason",
    "Rejected",
    "Report",
    "Retry",
    "Ruling",
    "SendOutcome",
    "Sent",
    "Signature",
    "Source",
    "SourceKind",
    "Standing",
    "Status",
    "Story",
    "Subscriber",
    "Undecided",
    "Validators",
    "Verdict",
    "Victim",
    "Waiting",
    "Zone",
    "without_unnamed",
]
