"""Traces: what a request has done, and the jobs that have come of it.

Spans of your own, within those that are kept:

    with span("price the order", items=3):
        ...
"""

from __future__ import annotations

import os
import random
import re
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, contextmanager
from typing import NamedTuple

from opentelemetry.context import Context
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_OFF,
    ALWAYS_ON,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    TraceState,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.util.types import Attributes, AttributeValue

from app.core.constants import PROJECT_SLUG
from app.core.context import job_id, trace_parent
from app.core.jobs import JobRun
from app.core.redaction import redact
from app.core.version import version

Instrument = Callable[[TracerProvider], Callable[[], None]]
"""Lets a library make spans, and returns what ends that."""


def instruments() -> list[Instrument]:
    """What is traced besides requests and jobs."""
    # The names that OpenTelemetry has settled on.
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")
    from app.services.observability.outgoing import trace_outgoing

    found: list[Instrument] = [trace_outgoing]
    # slot: instruments
    # Your instruments
    return found


class Parent(NamedTuple):
    """What a trace was before it came here."""

    trace_id: int
    span_id: int
    is_kept: bool


_FORM = re.compile(r"(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?")


def read_parent(text: str | None) -> Parent | None:
    """Read what `traceparent` says; None: nothing that can be understood."""
    found = _FORM.fullmatch(text) if text else None
    if found is None:
        return None
    trace_id, span_id, flags = (int(part, 16) for part in found.groups())
    return Parent(trace_id, span_id, bool(flags & 1)) if trace_id and span_id else None


def write_parent(trace_id: int, span_id: int, *, is_kept: bool) -> str:
    """The same as text."""
    return f"00-{trace_id:032x}-{span_id:016x}-{'01' if is_kept else '00'}"


class Entrances(Sampler):
    """Keeps what this application has let in; a query or a call that belongs to nothing makes no trace."""

    def __init__(self, ratio: float) -> None:
        self.others = TraceIdRatioBased(ratio)

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """Decide by the kind."""
        chosen: Sampler = self.others
        if kind in (SpanKind.SERVER, SpanKind.CONSUMER):
            chosen = ALWAYS_ON
        elif kind in (SpanKind.CLIENT, SpanKind.PRODUCER):
            chosen = ALWAYS_OFF
        return chosen.should_sample(parent_context, trace_id, name, kind, attributes, links)

    def get_description(self) -> str:
        """What it does."""
        return f"Entrances({self.others.get_description()})"


class Tracing:
    """The traces of this process."""

    def __init__(self, provider: TracerProvider, ratio: float) -> None:
        self.provider = provider
        self.ratio = ratio
        self.tracer = provider.get_tracer(PROJECT_SLUG, version())
        self._bound = TraceIdRatioBased.get_bound_for_rate(ratio)

    def keeps(self, parent: Parent | None, *, is_ours: bool) -> bool:
        """Whether what begins here is kept. A stranger's request for it is bound by our ratio as well."""
        if parent is None:
            return random.random() < self.ratio  # noqa: S311
        is_within = parent.trace_id & TraceIdRatioBased.TRACE_ID_LIMIT < self._bound
        return parent.is_kept and (is_ours or is_within)

    @contextmanager
    def span(
        self, name: str, kind: SpanKind, parent: Parent | None, attributes: Attributes
    ) -> Generator[Span]:
        """A span that begins here; what the block enqueues belongs to it."""
        context = Context()
        if parent is not None:
            flags = TraceFlags(TraceFlags.SAMPLED)
            remote = SpanContext(parent.trace_id, parent.span_id, is_remote=True, trace_flags=flags)
            context = set_span_in_context(NonRecordingSpan(remote), context)
        with self.tracer.start_as_current_span(
            name,
            context,
            kind,
            attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            made = span.get_span_context()
            token = trace_parent.set(write_parent(made.trace_id, made.span_id, is_kept=True))
            try:
                yield span
            finally:
                trace_parent.reset(token)


_current: list[Tracing] = []


def current_tracing() -> Tracing | None:
    """The traces of this process; None: nobody wants them."""
    return _current[-1] if _current else None


@contextmanager
def use_tracing(tracing: Tracing) -> Generator[Tracing]:
    """Trace as long as the block runs."""
    with ExitStack() as stack:
        for instrument in instruments():
            stack.callback(instrument(tracing.provider))
        _current.append(tracing)
        stack.callback(_current.remove, tracing)
        yield tracing


def not_kept(parent: Parent | None) -> str:
    """What jobs take along from something that is not kept: they are not, either."""
    if parent is None:
        parent = Parent(random.getrandbits(128) or 1, random.getrandbits(64) or 1, is_kept=False)
    return write_parent(parent.trace_id, parent.span_id, is_kept=False)


@contextmanager
def traced(job: JobRun) -> Generator[None]:
    """A span around a job, in the trace of whoever has enqueued it."""
    tracing = current_tracing()
    if tracing is None:
        yield
        return
    parent = read_parent(trace_parent.get())
    if not tracing.keeps(parent, is_ours=True):
        token = trace_parent.set(not_kept(parent))
        try:
            yield
        finally:
            trace_parent.reset(token)
        return
    attributes: dict[str, AttributeValue] = {"job.queue": job.queue, "job.name": job.name}
    if (number := job_id.get()) is not None:
        attributes["job.id"] = number
    with tracing.span(f"{job.queue} {job.name}", SpanKind.CONSUMER, parent, attributes) as made:
        error: BaseException | None = None
        try:
            yield
        except BaseException as raised:
            error = raised
            raise
        finally:
            made.set_attribute("job.outcome", job.outcome(error))
            if error is not None and job.outcome(error) == "failed":
                tell_error(made, error)


def tell_error(span: Span, error: BaseException) -> None:
    """Say what went wrong, without secrets. Logs have the traceback, and the id of the trace."""
    kind = type(error).__name__
    span.set_attribute("error.type", kind)
    span.set_status(StatusCode.ERROR, redact(f"{kind}: {error}")[:500])


@contextmanager
def span(name: str, **attributes: AttributeValue) -> Generator[Span]:
    """A span of your own; it costs next to nothing where none is kept."""
    tracing = current_tracing()
    if tracing is None or not get_current_span().is_recording():
        yield get_current_span()
        return
    with tracing.tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as made:
        try:
            yield made
        except BaseException as error:
            tell_error(made, error)
            raise
