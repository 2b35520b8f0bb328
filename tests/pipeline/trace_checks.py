"""trace_checks.py - which headers and spans there are of each record, and who is whose parent.

preserve   Debezium --+-- sink                                    longspan has no span
link       Debezium --+-- sink       longspan: mirror .. commit   a trace of its own, that links
reparent   Debezium --+-- longspan: mirror -- send -- sink        one trace
"""

from process import wait_until
from suite import Failed
from topic import contents
from ways import context_of, headers_of, table_of

SPANS_TIMEOUT_S = 30
ROOT, READ = "debezium: db-log-write", "debezium: debezium-read"


class Shapes:
    """{span: its parent} of what Zipkin is to have of one record, all by their names."""

    def __init__(self, source, target):
        self.sink = f"sink: {target} receive"
        self.mirror, self.send = f"longspan: mirror {source}", f"longspan: send {target}"
        self.commit = f"longspan: commit {target}"
        self._inner = [f"longspan: {word} {source}" for word in ("capture", "poll", "queue")]

    def of_record(self, parent_of_sink=ROOT):
        return {ROOT: None, READ: ROOT, self.sink: parent_of_sink}

    def of_hop(self, parent, is_committed):
        out = {self.mirror: parent, self.send: self.mirror,
               **dict.fromkeys(self._inner, self.mirror)}
        return {**out, self.commit: self.send} if is_committed else out

    def of_reparented(self, is_committed):
        return {**self.of_record(self.send), **self.of_hop(ROOT, is_committed)}


def name_of(span):
    return f"{span['localEndpoint']['serviceName']}: {span['name']}"


def shape_of(spans):
    names = {span["id"]: name_of(span) for span in spans}
    parents = [span.get("parentId") for span in spans]
    out = {name_of(span): parent and names.get(parent, f"nobody ({parent})")
           for span, parent in zip(spans, parents)}
    return out if len(out) == len(spans) else {**out, "twice": sorted(map(name_of, spans))}


def differences(found, wanted):
    """{name: (its parent that was found, that was wanted)}."""
    return {name: (found.get(name, "absent"), wanted.get(name, "absent"))
            for name in {**wanted, **found}
            if found.get(name, "absent") != wanted.get(name, "absent")}


def spans_of(what, ask, wanted):
    """{name: span} once they have one of the wanted shapes."""
    found = []

    def have_shape():
        found[:] = ask()
        return shape_of(found) in wanted
    try:
        wait_until(what, SPANS_TIMEOUT_S, have_shape)
    except Failed as late:
        raise Failed(f"{what}: found and wanted are {differences(shape_of(found), wanted[0])}"
                     ) from late
    return {name_of(span): span for span in found}


def check(pipeline, mode, ways):
    """[{name: span}] of each of the ways: those of the record's trace and of longspan's."""
    shapes = Shapes(pipeline.topic_of(mode), pipeline.target_topic_of(mode))
    headers = check_reparented_headers if mode == "reparent" else check_kept_headers
    headers(pipeline, mode, ways)
    out = []
    for way in ways:
        what = f"{mode}, row {way.id}"
        spans = CHECKS[mode](pipeline, what, way, shapes)
        check_debezium(pipeline, what, way, spans[ROOT], table_of(mode))
        check_sink(pipeline, what, way, spans[shapes.sink])
        if mode != "preserve":
            check_places(pipeline, what, way, spans, shapes)
        out.append(spans)
    pipeline.suite.say(f"{mode}: {len(ways)} records and their spans, as the mode has them")
    return out


def check_kept_headers(pipeline, mode, ways):
    for way in ways:
        pipeline.suite.check(contents([way.source]) == contents([way.target]),
                             f"{mode}: {way.source} came as {way.target}")


def check_reparented_headers(pipeline, mode, ways):
    """One header names another span, and is the last one; all else is as it was."""
    for way in ways:
        was, now = context_of(way.source), context_of(way.target)
        pipeline.suite.check(now.trace == was.trace and now.flags == was.flags
                             and now.span != was.span, f"{mode}: {was} came as {now}")
        kept = [each for each in headers_of(way.source) if not each.startswith(b"traceparent=")]
        wanted = [*kept, "traceparent=00-{}-{}-{}".format(*now).encode()]
        pipeline.suite.check(headers_of(way.target) == wanted,
                             f"{mode}: {way.source.headers} came as {way.target.headers}")
        beside = [contents([each._replace(headers=b"")]) for each in (way.source, way.target)]
        pipeline.suite.check(beside[0] == beside[1], f"{mode}: {beside[0]} came as {beside[1]}")


def is_committed(pipeline, way):
    """Whether the group's commits were followed by then; of those before some are not known."""
    return (True,) if way.id > pipeline.warm_rows else (True, False)


def check_preserved(pipeline, what, way, shapes):
    trace = context_of(way.source).trace
    spans = spans_of(what, lambda: pipeline.zipkin.trace(trace), [shapes.of_record()])
    pipeline.suite.check(not pipeline.zipkin.linking(trace), f"{what}: something links to it")
    return spans


def check_linked(pipeline, what, way, shapes):
    """Found as an operator would: by the trace that is linked to."""
    context = context_of(way.source)
    spans = spans_of(what, lambda: pipeline.zipkin.trace(context.trace), [shapes.of_record()])

    def own():
        found = pipeline.zipkin.linking(context.trace)
        pipeline.suite.check(len(found) <= 1, f"{what}: {len(found)} traces link to it")
        return found[0] if found else []
    hops = spans_of(f"{what}, what links to it", own,
                    [shapes.of_hop(None, each) for each in is_committed(pipeline, way)])
    tags = hops[shapes.mirror]["tags"]
    pipeline.suite.check(tags["link.span_id"] == context.span == spans[ROOT]["id"],
                         f"{what}: links to {tags['link.span_id']}, not to {context.span}")
    pipeline.suite.check(hops[shapes.mirror]["traceId"] != context.trace, f"{what}: one trace")
    return {**spans, **hops}


def check_reparented(pipeline, what, way, shapes):
    source, target = context_of(way.source), context_of(way.target)
    spans = spans_of(what, lambda: pipeline.zipkin.trace(source.trace),
                     [shapes.of_reparented(each) for each in is_committed(pipeline, way)])
    pipeline.suite.check(spans[shapes.send]["id"] == target.span,
                         f"{what}: the copy names {target.span}, not {spans[shapes.send]['id']}")
    return spans


CHECKS = {"preserve": check_preserved, "link": check_linked, "reparent": check_reparented}


def check_debezium(pipeline, what, way, root, table):
    """The header that Debezium wrote names its span, which is of that commit."""
    tags, context = root["tags"], context_of(way.source)
    pipeline.suite.check((root["traceId"], root["id"]) == (context.trace, context.span),
                         f"{what}: Debezium wrote {context}, its span is {root['id']}")
    pipeline.suite.check((tags["db.table"], tags["db.ts_us"]) == (table, str(way.commit_us)),
                         f"{what}: committed at {way.commit_us}, {tags}")


def check_sink(pipeline, what, way, span):
    """What the sink told of its span is what it sent, and the copy's header names the parent."""
    context = context_of(way.target)
    told = (way.seen.trace, way.seen.span, way.seen.parent)
    sent = (span["traceId"], span["id"], span["parentId"])
    pipeline.suite.check(told == sent, f"{what}: the sink told {told}, Zipkin has {sent}")
    pipeline.suite.check((context.trace, context.span) == (way.seen.trace, way.seen.parent),
                         f"{what}: the copy names {context}, the sink's span {told}")


def check_places(pipeline, what, way, spans, shapes):
    for name, record in ((shapes.mirror, way.source), (shapes.send, way.target)):
        tags = spans[name]["tags"]
        told = tags["messaging.destination.partition.id"], tags["messaging.kafka.offset"]
        is_at = str(record.partition), str(record.offset)
        pipeline.suite.check(told == is_at, f"{what}: {name} at {told}, the record is at {is_at}")
        pipeline.suite.check(tags["longspan.flow"] == pipeline.flow, f"{what}: {tags}")
