// cli/config/jaas.h - one sasl.jaas.config line: a login module and its options.
//
// `org.apache.kafka.common.security.plain.PlainLoginModule required username="a" password="b";`
//
// Errors:  one sentence that never holds a value.
// Threads: free functions.
// Source:  Kafka's JaasConfig, a StreamTokenizer: words, "quoted" and 'quoted' with \ escapes.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "lagcalc/result.h"

namespace longspan {

struct Jaas {
  std::string module;  // the class without its package: PlainLoginModule
  std::map<std::string, std::string, std::less<>> options;
};

Result<Jaas> parse_jaas(std::string_view text);

}  // namespace longspan
