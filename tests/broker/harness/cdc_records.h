// tests/broker/harness/cdc_records.h - real change events: bytes captured from Debezium on
// Postgres.
//
// Errors:  HarnessError when a file cannot be read.
// Threads: free function.
// Source:  tests/fixtures/cdc/*.jsonl, one JSON object a line.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/broker/harness/record.h"

namespace longspan::harness {

// The records of one capture by captured topic, in offset order. `capture`: cdcav, cdcj, cdcjs,
// cdcx, cdcxa.
std::map<std::string, std::vector<Record>> cdc_records(const std::string& capture);

}  // namespace longspan::harness
