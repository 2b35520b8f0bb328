"""confluent_rules.py - the same table, of modes, imports, configs and compatibility.

Source: Confluent Schema Registry: AbstractSchemaRegistry, CompatibilityChecker.
"""

from rows import Lacks, OtherThan, Save, delete, get, post, put, record, schema

A = ("a:int",)
B = ("a:int", "b:int=0")
C = ("a:int", "c:int")  # c has no default
OTHER = ("a:string",)
IMPORT = {"mode": "IMPORT"}


def _level(level, adds, removes, adds_with_default):
    """Of one level the three changes that tell them apart, each against the same version."""
    checked = [post("/compatibility/subjects/$s/versions/latest", schema(*fields), 200,
                    {"is_compatible": is_fine})
               for fields, is_fine in ((("k:int", "m:int", "n:int"), adds), (("k:int",), removes),
                                       (("k:int", "m:int", "o:int=0"), adds_with_default))]
    return [put("/config/$s", {"compatibility": level}, 200, {"compatibility": level}),
            post("/subjects/$s/versions", schema("k:int", "m:int"), 200),
            *checked,
            post("/subjects/$s/versions", schema("k:int"), *((200,) if removes else (409, 40901)))]


CASES = {
    "modes_of_subjects": [
        get("/mode/$s", 404, 40409),
        get("/mode/$s?defaultToGlobal=true", 200, {"mode": "READWRITE"}),
        put("/mode/$s", IMPORT, 200, IMPORT),
        get("/mode/$s", 200, IMPORT),
        delete("/mode/$s", 200),
        get("/mode/$s", 404, 40409),
        put("/mode", {"mode": "READONLY"}, 200),
        post("/subjects/$s/versions", schema(*A), 422, 42205),
        put("/mode", {"mode": "READWRITE"}, 200),
        get("/mode", 200, {"mode": "READWRITE"}),
    ],
    "import_keeps_id_and_version": [
        post("/subjects/$s/versions", schema(*A, id=71001, version=1), 422, 42205),
        put("/mode/$s", IMPORT, 200, IMPORT),
        post("/subjects/$s/versions", schema(*A, id=71001, version=3), 200, {"id": 71001}),
        get("/subjects/$s/versions", 200, [3]),
        get("/schemas/ids/71001", 200, {"schema": record(*A)}),
        post("/subjects/$s/versions", schema(*A, id=71001, version=3), 200, {"id": 71001}),
        get("/subjects/$s/versions", 200, [3]),
        post("/subjects/$s/versions", schema(*OTHER, id=71002, version=5), 200, {"id": 71002}),
        get("/subjects/$s/versions", 200, [3, 5]),
        get("/schemas/ids/71002/versions", 200, [{"subject": "$s", "version": 5}]),
    ],
    "import_in_any_order": [
        put("/mode/$s", IMPORT, 200),
        post("/subjects/$s/versions", schema(*B, id=71202, version=2), 200, {"id": 71202}),
        post("/subjects/$s/versions", schema(*A, id=71201, version=1), 200, {"id": 71201}),
        get("/subjects/$s/versions", 200, [1, 2]),
    ],
    "an_id_stands_for_one_schema": [
        put("/mode/$s", IMPORT, 200),
        put("/mode/$s.other", IMPORT, 200),
        post("/subjects/$s/versions", schema(*A, id=71301, version=1), 200, {"id": 71301}),
        post("/subjects/$s/versions", schema(*B, id=71301, version=2), 422, 42205),
        post("/subjects/$s.other/versions", schema(*B, id=71301, version=1), 422, 42205),
        post("/subjects/$s.other/versions", schema(*A, id=71301, version=1), 200, {"id": 71301}),
        get("/schemas/ids/71301/versions", 200,
            [{"subject": "$s", "version": 1}, {"subject": "$s.other", "version": 1}]),
    ],
    "import_keeps_others_out": [
        put("/mode/$s", IMPORT, 200),
        post("/subjects/$s/versions", schema(*A, id=71401, version=1), 200),
        post("/subjects/$s/versions", schema(*B), 422, 42205),
        put("/mode/$s", {"mode": "READWRITE"}, 200),
        post("/subjects/$s/versions", schema(*A), 200, {"id": 71401}),
        post("/subjects/$s/versions", schema(*B), 200, {"id": 71402}),
        get("/subjects/$s/versions", 200, [1, 2]),
        post("/subjects/$s/versions", schema(*A, "d:int=0", version=9), 422, 42201),
    ],
    "import_into_what_is_there": [
        post("/subjects/$s/versions", schema(*A), 200),
        put("/mode/$s", IMPORT, 422, 42205),
        put("/mode/$s?force=true", IMPORT, 200, IMPORT),
        get("/subjects/$s/versions", 200, [1]),
        post("/subjects/$s/versions", schema(*B, id=71501, version=2), 200, {"id": 71501}),
        get("/subjects/$s/versions", 200, [1, 2]),
    ],
    "import_with_references_needs_them": [
        put("/mode/$s", IMPORT, 200),
        put("/mode/$s.base", IMPORT, 200),
        post("/subjects/$s/versions",
             schema("base:ImportedBase", id=71602, version=1, references=[
                 {"name": "ImportedBase", "subject": "$s.base", "version": 4}]), 422, 42201),
        post("/subjects/$s.base/versions",
             {"schema": record("a:int", name="ImportedBase"), "id": 71601, "version": 4}, 200,
             {"id": 71601}),
        post("/subjects/$s/versions",
             schema("base:ImportedBase", id=71602, version=1, references=[
                 {"name": "ImportedBase", "subject": "$s.base", "version": 4}]), 200,
             {"id": 71602}),
        get("/subjects/$s.base/versions/4/referencedby", 200, [71602]),
    ],
    "deletes_in_import_end_it_with_the_last_version": [
        put("/mode/$s", IMPORT, 200),
        post("/subjects/$s/versions", schema(*A, id=71701, version=1), 200),
        delete("/subjects/$s/versions/1", 200, 1),
        get("/mode/$s", 404, 40409),
    ],
    "readonly": [
        post("/subjects/$s/versions", schema(*A), 200, {"id": Save("a")}),
        put("/mode/$s", {"mode": "READONLY"}, 200, {"mode": "READONLY"}),
        post("/subjects/$s/versions", schema(*B), 422, 42205),
        post("/subjects/$s/versions", schema(*B, id=71801, version=2), 422, 42205),
        delete("/subjects/$s/versions/1", 422, 42205),
        delete("/subjects/$s", 422, 42205),
        put("/config/$s", {"compatibility": "NONE"}, 422, 42205),
        post("/subjects/$s/versions", schema(*A), 200, {"id": "$a"}),
        get("/subjects/$s/versions", 200, [1]),
        put("/mode/$s", {"mode": "READWRITE"}, 200),
        post("/subjects/$s/versions", schema(*B), 200),
    ],
    "configs_of_subjects": [
        get("/config/$s", 404, 40408),
        get("/config/$s?defaultToGlobal=true", 200, {"compatibilityLevel": "BACKWARD"}),
        put("/config/$s", {"compatibility": "FULL"}, 200, {"compatibility": "FULL"}),
        get("/config/$s", 200, {"compatibilityLevel": "FULL"}),
        put("/config/$s", {"compatibility": "NONE"}, 200, {"compatibility": "NONE"}),
        get("/config/$s", 200, {"compatibilityLevel": "NONE"}),
        delete("/config/$s", 200, {"compatibilityLevel": "NONE"}),
        get("/config/$s", 404, 40408),
        delete("/config/$s", 404, 40401),
        put("/config", {"compatibility": "FULL"}, 200, {"compatibility": "FULL"}),
        get("/config", 200, {"compatibilityLevel": "FULL"}),
        get("/config/$s?defaultToGlobal=true", 200, {"compatibilityLevel": "FULL"}),
        put("/config", {"compatibility": "BACKWARD"}, 200),
    ],
    "backward_is_the_default": [
        post("/subjects/$s/versions", schema(*A), 200),
        post("/subjects/$s/versions", schema(*C), 409, 40901),
        post("/subjects/$s/versions", schema(*OTHER), 409, 40901),
        post("/subjects/$s/versions", schema(*B), 200),
        get("/subjects/$s/versions", 200, [1, 2]),
    ],
    "backward": _level("BACKWARD", adds=False, removes=True, adds_with_default=True),
    "forward": _level("FORWARD", adds=True, removes=False, adds_with_default=True),
    "full": _level("FULL", adds=False, removes=False, adds_with_default=True),
    "none": _level("NONE", adds=True, removes=True, adds_with_default=True),
    "transitive_looks_at_every_version": [
        post("/subjects/$s/versions", schema("a:int", "b:string"), 200),
        post("/subjects/$s/versions", schema("a:int"), 200),
        put("/config/$s", {"compatibility": "BACKWARD_TRANSITIVE"}, 200),
        post("/subjects/$s/versions", schema(*B), 409, 40901),
        put("/config/$s", {"compatibility": "BACKWARD"}, 200),
        post("/subjects/$s/versions", schema(*B), 200),
    ],
    "compatibility_is_told": [
        post("/compatibility/subjects/$s/versions/latest", schema(*A), 200,
             {"is_compatible": True}),
        post("/subjects/$s/versions", schema(*A), 200),
        post("/subjects/$s/versions", schema(*B), 200),
        post("/compatibility/subjects/$s/versions/1", schema(*C), 200, {"is_compatible": False}),
        post("/compatibility/subjects/$s/versions/1?verbose=true", schema(*C), 200,
             {"is_compatible": False, "messages": OtherThan([])}),
        post("/compatibility/subjects/$s/versions/latest", schema(*C), 200, Lacks("messages")),
        post("/compatibility/subjects/$s/versions", schema(*OTHER), 200,
             {"is_compatible": False}),
        post("/compatibility/subjects/$s/versions/9", schema(*A), 404, 40402),
        post("/compatibility/subjects/$s/versions/1", {"schema": "{}"}, 422, 42201),
        get("/subjects/$s/versions", 200, [1, 2]),
    ],
}
