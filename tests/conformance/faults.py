"""faults.py - what `longspan registry --fault WORD` must answer: what others were seen to answer.

A registry is started for each word, empty.
"""

from rows import (CLOSED, NULL, Contains, Lacks, OtherThan, Save, delete, get, post, put, record,
                  schema)

A = ("a:int",)
OTHER = ("a:string",)
IMPORT = {"mode": "IMPORT"}

# Of one that has no import: ids and versions are taken, answered with 200, and not kept.
IDS_ARE_IGNORED = [
    post("/subjects/$s.first/versions", schema("first:int"), 200),
    post("/subjects/$s/versions", schema(*A, id=72001, version=3), 200,
         {"id": OtherThan(72001)}),
    get("/subjects/$s/versions", 200, [1]),
    get("/schemas/ids/72001", 404, 40403),
]

# By the word as it is given; its name without the number is the case.
CASES = {
    "too_many_requests=2": [
        get("/subjects", 200),
        get("/subjects", 429, headers={"Retry-After": "1"}),
        get("/subjects", 200),
    ],
    "unavailable=2": [get("/subjects", 200), get("/subjects", 503), get("/subjects", 200)],
    "slow=300": [get("/subjects", 200, seconds=0.3)],
    "drop_after_commit=2": [
        post("/subjects/$s/versions", schema(*A), 200),
        post("/subjects/$s.other/versions", schema(*OTHER), CLOSED),
        get("/subjects", 200, ["$s", "$s.other"]),
    ],
    # Karapace 6.2.0
    "no_import": [
        put("/mode/$s", IMPORT, 405),
        put("/mode", IMPORT, 405),
        delete("/mode/$s", 405),
        get("/mode", 200, {"mode": "READWRITE"}),
        *IDS_ARE_IGNORED,
    ],
    # Apicurio 3.0.9; run against it as well
    "other_id": [
        get("/mode", 404),
        put("/mode/$s", IMPORT, 204),
        put("/mode/$s?force=true", IMPORT, 204),
        get("/mode/$s", 204),
        delete("/mode/$s", 405),
        *IDS_ARE_IGNORED,
        post("/subjects/$s/versions", schema(*A), 200, {"id": Save("a")}),
        get("/schemas/ids/$a?fetchMaxId=true", 200, Lacks("maxId")),
    ],
    "follower": [
        get("/subjects", 200),
        post("/subjects/$s/versions", schema(*A), 500, 50003),
        put("/config/$s", {"compatibility": "FULL"}, 500, 50003),
    ],
    # Karapace 6.2.0; Apicurio has a list of contexts that means nothing
    "no_contexts": [
        post("/subjects/:.dr:$s/versions", schema(*A), 200),
        get("/subjects", 200, [":.dr:$s"]),
        get("/subjects?subjectPrefix=:.other:", 200, [":.dr:$s"]),
        get("/contexts", 404),
    ],
    # AxonOps 0.2.1
    "taken_version": [
        put("/mode/$s", IMPORT, 200, IMPORT),
        post("/subjects/$s/versions", schema(*A, id=72001, version=3), 200, {"id": 72001}),
        post("/subjects/$s/versions", schema(*OTHER, id=72001, version=4), 422, 42205),
        post("/subjects/$s/versions", schema(*OTHER, id=72002, version=3), 200, {"id": 72001}),
        get("/schemas/ids/72002", 404, 40403),
        post("/subjects/$s/versions", schema(*A, id=72050, version=5), 200, {"id": 72001}),
        get("/schemas/ids/72050", 404, 40403),
        get("/subjects/$s/versions", 200, [3]),
    ],
    "drop_metadata": [
        put("/mode/$s", IMPORT, 200),
        post("/subjects/$s/versions",
             schema(*A, id=72001, version=1, metadata={"properties": {"owner": "shop"}}), 200,
             {"id": 72001}),
        get("/subjects/$s/versions/1", 200, Lacks("metadata")),
    ],
    "null_subjects": [
        get("/subjects", 200, NULL),
        post("/subjects/$s/versions", schema(*A), 200),
        get("/subjects", 200, Contains("$s")),
    ],
    # Redpanda before 25.3
    "id_in_readwrite": [
        post("/subjects/$s/versions", schema(*A, id=72001, version=1), 200, {"id": 72001}),
        get("/schemas/ids/72001", 200, {"schema": record(*A)}),
        post("/subjects/$s/versions", schema(*A, id=72001, version=1), 422, 42207),
    ],
    # All but newer Confluent
    "no_guids": [
        post("/subjects/$s/versions", schema(*A), 200),
        get("/schemas/guids/2f5a6f1c-27c1-4b1e-8d38-000000000000", 404, 404),
    ],
    # All but Confluent
    "no_lists": [
        post("/subjects/$s/versions", schema(*A), 200),
        get("/schemas?subjectPrefix=$s", 404, 404),
    ],
    # Confluent from 7.9
    "subjects_max=2": [
        *[post(f"/subjects/$s.{name}/versions", schema(f"{name}:int"), 200) for name in "abc"],
        get("/subjects", 200, ["$s.a", "$s.b"]),
        get("/subjects?limit=3", 200, ["$s.a", "$s.b"]),
        get("/subjects?offset=1", 200, ["$s.b", "$s.c"]),
        get("/subjects?offset=3", 200, []),
    ],
    # The same, of the versions of one subject
    "versions_max=2": [
        put("/config/$s.m", {"compatibility": "NONE"}, 200),
        *[post("/subjects/$s.m/versions", schema(f"m{name}:int"), 200) for name in "abc"],
        get("/subjects/$s.m/versions", 200, [1, 2]),
        get("/subjects/$s.m/versions?offset=1", 200, [2, 3]),
        get("/subjects/$s.m/versions?offset=3", 200, []),
    ],
    # Karapace 6.2.0
    "no_offsets": [
        *[post(f"/subjects/$s.{name}/versions", schema(f"{name}:int"), 200) for name in "ab"],
        get("/subjects?offset=1", 200, ["$s.a", "$s.b"]),
        get("/subjects?limit=1", 200, ["$s.a", "$s.b"]),
    ],
    # mode.mutability=false
    "fixed_modes": [
        put("/mode/$s", IMPORT, 422, 42205),
        put("/mode/$s?force=true", IMPORT, 422, 42205),
        get("/mode", 200, {"mode": "READWRITE"}),
    ],
}
OF_APICURIO = "other_id"
