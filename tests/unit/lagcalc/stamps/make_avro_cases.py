#!/usr/bin/env python3
"""make_avro_cases.py - writes tests/fixtures/avro/changes.jsonl: make_avro_cases.py [SEED] > FILE

Random writer schemas of changes and random values, encoded by fastavro, which knows nothing of our
reader; what a reader must find is written beside the bytes. Needs `pip install fastavro==1.13.1`;
nothing else does: the file is committed.
"""

import io
import json
import random
import sys

import fastavro

SCHEMAS = 100
VALUES = 4
SNAPSHOTS = ["false", "true", "first", "last", "last_in_data_collection", "incremental"]


class Schemas:
    """Random types with a function each that makes a value."""

    def __init__(self, rnd):
        self.rnd = rnd
        self.named = 0
        self.known = []  # (full name, make): may be referred to
        self.defined = {}  # full name -> its definition

    def defining(self, full, out):
        self.known.append((full, out[1]))
        self.defined[full] = out[0]
        return out

    def name(self):
        self.named += 1
        return f"N{self.named}"

    def primitive(self):
        r = self.rnd
        return r.choice([
            ("null", lambda: None),
            ("boolean", lambda: r.random() < 0.5),
            ("int", lambda: r.randint(-2**31, 2**31 - 1)),
            ("long", lambda: r.choice([0, -1, 63, -64, 2**63 - 1, -2**63, r.getrandbits(48)])),
            ("float", lambda: 1.5),
            ("double", lambda: r.random()),
            ("bytes", lambda: r.randbytes(r.choice([0, 1, 63, 64, 200]))),
            ("string", lambda: "x" * r.choice([0, 1, 63, 64, 200])),
            ({"type": "long", "logicalType": "timestamp-micros", "connect.version": 1},
             lambda: r.getrandbits(50)),
        ])

    def noise(self, depth=0):
        r = self.rnd
        if self.known and r.random() < 0.15:
            return r.choice(self.known)
        if depth > 3 or r.random() < 0.5:
            return self.primitive()
        return r.choice([self.enum, self.fixed, self.array, self.map, self.union, self.record,
                         self.chain])(depth)

    def enum(self, _):
        full = "noise." + self.name()
        symbols = [f"S{i}" for i in range(self.rnd.randint(1, 80))]
        out = ({"type": "enum", "name": full, "symbols": symbols},
               lambda: self.rnd.choice(symbols))
        return self.defining(full, out)

    def fixed(self, _):
        size = self.rnd.choice([1, 7, 16])
        return ({"type": "fixed", "name": self.name(), "namespace": "noise", "size": size},
                lambda: self.rnd.randbytes(size))

    def array(self, depth):
        items, make = self.noise(depth + 1)
        return ({"type": "array", "items": items},
                lambda: [make() for _ in range(self.rnd.choice([0, 1, 3]))])

    def map(self, depth):
        values, make = self.noise(depth + 1)
        return ({"type": "map", "values": values},
                lambda: {f"k{i}": make() for i in range(self.rnd.choice([0, 1, 3]))})

    def union(self, depth):
        branches = [("null", lambda: None), ("long", lambda: self.rnd.getrandbits(40)),
                    ("string", lambda: "text"), ("boolean", lambda: True), self.array(depth + 1)]
        chosen = self.rnd.sample(branches, self.rnd.randint(2, len(branches)))
        return [schema for schema, _ in chosen], lambda: self.rnd.choice(chosen)[1]()

    def record(self, depth):
        # Fields whose names are wanted elsewhere: a reader that looks here is wrong.
        names = self.rnd.sample(["ts_ms", "ts_ns", "op", "source", "__source_ts_us", "a", "b"], 4)
        fields = [(name, *self.noise(depth + 1)) for name in names]
        full = "noise." + self.name()
        out = ({"type": "record", "name": full,
                "fields": [{"name": n, "type": s} for n, s, _ in fields]},
               lambda: {n: make() for n, _, make in fields})
        return self.defining(full, out)

    def chain(self, _):
        """A record that contains itself, by its name without namespace."""
        name = self.name()

        def make(left):
            return {"v": 1, "next": make(left - 1) if left else None}

        return ({"type": "record", "name": name, "namespace": "noise",
                 "fields": [{"name": "v", "type": "int"},
                            {"name": "next", "type": ["null", name]}]},
                lambda: make(self.rnd.randint(0, 9)))


def optional(rnd, schema):
    return rnd.choice([schema, ["null", schema], [schema, "null"]])


def allows_null(schema):
    return isinstance(schema, list)


def maybe(rnd, schema, make):
    return None if allows_null(schema) and rnd.random() < 0.3 else make()


def time_makers(rnd):
    us = rnd.randint(946684800000000, 7258118399999999)
    return {"ts_ms": lambda: us // 1000, "ts_us": lambda: us,
            "ts_ns": lambda: min(us * 1000, 2**63 - 1)}


class Change:
    """Wanted fields: name -> (schema, make, where it is found)."""

    def __init__(self, rnd, schemas, names, where):
        self.rnd = rnd
        self.schemas = schemas
        wanted = [(n, optional(rnd, "long")) for n in ("ts_ms", "ts_us", "ts_ns")]
        self.times = [(names + n, s, where + n[3:]) for n, s in wanted if rnd.random() < 0.8]

    def fill(self, out, found):
        makers = time_makers(self.rnd)
        for name, schema, where in self.times:
            out[name] = maybe(self.rnd, schema, makers["ts_" + where[-2:]])
            if out[name] is not None:
                found[where] = out[name]


def op_schema(rnd, schemas):
    if rnd.random() < 0.2:
        return {"type": "enum", "name": "op." + schemas.name(), "symbols": list("crudtm")}
    return optional(rnd, {"type": "string"} if rnd.random() < 0.3 else "string")


def snapshot_schema(rnd):
    return rnd.choice([["string", "null"], [{"type": "string", "connect.default": "false"}, "null"],
                       "string", ["boolean", "null"]])


def put_snapshot(rnd, schema, name, out, found):
    is_boolean = schema == ["boolean", "null"]
    value = maybe(rnd, schema, lambda: rnd.random() < 0.5 if is_boolean else rnd.choice(SNAPSHOTS))
    out[name] = value
    found["snapshot"] = {None: "none", False: "none", "false": "none",
                         "incremental": "incremental"}.get(value, "snapshot")


def with_noise(rnd, schemas, wanted, count):
    """Wanted fields in any order among others: [(name, schema, make or None)]."""
    fields = wanted + [(f"f{i}", *schemas.noise()) for i in range(count)]
    rnd.shuffle(fields)
    return fields


def record_schema(name, fields):
    return {"type": "record", "name": name,
            "fields": [{"name": n, "type": s} for n, s, _ in fields]}


def source_part(rnd, schemas):
    change = Change(rnd, schemas, "", "commit_")
    if not change.times:
        change.times = [("ts_ms", "long", "commit_ms")]
    snapshot = snapshot_schema(rnd)
    tx = optional(rnd, rnd.choice(["long", "string"]))
    wanted = [(n, s, None) for n, s, _ in change.times]
    wanted += [("snapshot", snapshot, None), ("txId", tx, None)]
    fields = with_noise(rnd, schemas, wanted, rnd.randint(0, 8))

    def make(found):
        out = {n: m() for n, _, m in fields if m}
        change.fill(out, found)
        put_snapshot(rnd, snapshot, "snapshot", out, found)
        is_text = "string" in tx
        out["txId"] = maybe(rnd, tx, lambda: "7" if is_text else 7)
        found["has_transaction"] = out["txId"] is not None
        return out

    return record_schema("io.debezium.Source", fields), make


def envelope(rnd, schemas):
    source, make_source = source_part(rnd, schemas)
    is_apart = rnd.random() < 0.3
    change = Change(rnd, schemas, "", "connector_")
    op = op_schema(rnd, schemas)
    before, make_row = schemas.record(0)
    row = [("before", ["null", before], lambda: make_row() if rnd.random() < 0.5 else None)]
    rest = [(n, s, None) for n, s, _ in change.times]
    rest += [("op", op, None), ("source", "io.debezium.Source" if is_apart else source, None)]
    # `before` defines the row's type that `after` names, so its place is the first.
    fields = row + with_noise(rnd, schemas, rest + [("after", ["null", before["name"]],
                                                     row[0][2])], rnd.randint(0, 6))

    def make(found):
        out = {n: m() for n, _, m in fields if m}
        change.fill(out, found)
        out["source"] = make_source(found)
        out["op"] = found["op"] = maybe(rnd, op, lambda: rnd.choice("crudtm"))
        return out

    return record_schema("shop.orders.Envelope", fields), [source] if is_apart else [], make


def flattened(rnd, schemas):
    prefix = "__"
    commit = Change(rnd, schemas, prefix + "source_", "commit_")
    connector = Change(rnd, schemas, prefix, "connector_")
    op = op_schema(rnd, schemas)
    wanted = [(n, s, None) for n, s, _ in commit.times + connector.times]
    fields = with_noise(rnd, schemas, wanted + [(prefix + "op", op, None)], rnd.randint(1, 12))

    def make(found):
        out = {n: m() for n, _, m in fields if m}
        commit.fill(out, found)
        connector.fill(out, found)
        out[prefix + "op"] = found["op"] = maybe(rnd, op, lambda: rnd.choice("crud"))
        return out

    return record_schema("shop.orders.Value", fields), [], make


def in_order(schema, known, done):
    """The schema with each definition where its name is met first, as Avro wants it."""
    if isinstance(schema, list):
        return [in_order(branch, known, done) for branch in schema]
    name = schema["name"] if isinstance(schema, dict) and "name" in schema else schema
    if isinstance(name, str) and name in done:
        return name
    if isinstance(schema, str):
        return in_order(known[schema], known, done) if schema in known else schema
    if isinstance(name, str):
        done.add(name)
    out = dict(schema)
    for key in ("items", "values"):
        if key in out:
            out[key] = in_order(out[key], known, done)
    if "fields" in out and "." in schema["name"]:
        out["fields"] = [{"name": f["name"], "type": in_order(f["type"], known, done)}
                         for f in out["fields"]]
    return out


def compact(tree):
    return json.dumps(tree, separators=(",", ":"))


def case(rnd):
    schemas = Schemas(rnd)
    shape = rnd.choice([envelope, envelope, flattened])
    schema, references, make = shape(rnd, schemas)
    known, done = {reference["name"]: reference for reference in references}, set()
    known.update(schemas.defined)
    references = [in_order(reference, known, done) for reference in references]
    schema = in_order(schema, known, done)
    named = {}
    for reference in references:
        fastavro.parse_schema(reference, named_schemas=named)
    parsed = fastavro.parse_schema(schema, named_schemas=named)
    values = []
    for _ in range(VALUES):
        found = {}
        datum = make(found)
        body = io.BytesIO()
        fastavro.schemaless_writer(body, parsed, datum)
        values.append({"body": body.getvalue().hex(), "found": found})
    return {"shape": shape.__name__, "schema": compact(schema),
            "references": [compact(r) for r in references], "values": values}


def main():
    rnd = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    for _ in range(SCHEMAS):
        print(compact(case(rnd)))


if __name__ == "__main__":
    main()
