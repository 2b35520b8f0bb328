// mirror/schemas/embedded/routes.h - which call a method and a path mean.
//
// One table. A path that begins with a context, /contexts/.east/subjects/orders/versions, means the
// same without it, its subject and its prefix in that context.
//
// Errors:  404 for a path that there is not, 405 for another method of one that there is.
// Threads: constant.
// Source:  Confluent Schema Registry: rest/resources.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mirror/schemas/embedded/calls.h"

namespace longspan::embedded {

enum class Effect : std::uint8_t {
  read,
  change,
  control,  // of the faults themselves, which then do not apply
};

struct Route {
  std::string_view method;
  std::string_view path;  // "subjects/*/versions"; a * is any one piece
  Effect effect = Effect::read;
  Answer (*run)(RegistryState&, const Call&) = nullptr;
};

struct Routed {
  const Route* route = nullptr;
  std::vector<std::string> words;  // for the * of the route
  Query query;
};
Result<Routed, Answer> find_route(const Request& request);

}  // namespace longspan::embedded
