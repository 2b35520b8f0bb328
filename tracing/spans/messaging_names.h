// tracing/spans/messaging_names.h - the names of attributes that OpenTelemetry's conventions have
// for messaging: those of v1.44, and those that v1.24 had, where they differ.
//
// OTEL_SEMCONV_STABILITY_OPT_IN is a list: `messaging/dup` asks for both, `messaging` for the new
// ones. Without either there are the new ones, too: the old ones are a default for programs that
// had them before, and this one had none.
//
// Errors:  none; words that are not about messaging are somebody else's.
// Threads: pure functions.
// Source:  semantic-conventions v1.44, docs/messaging and its registry of deprecated attributes.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "tracing/spans/span.h"

namespace longspan {

enum class MessagingName : std::uint8_t {
  system,
  operation_name,
  operation_type,
  destination,
  partition,  // an integer; its new form is text
  consumer_group,
  client_id,
  message_id,
  offset,
  key,
  tombstone,
  cluster_id,
  batch_count,
  body_size,
};

struct MessagingNameRow {
  MessagingName name;
  std::string_view current;
  std::string_view old;  // empty: it had no other name
};

inline constexpr auto kMessagingNames = std::to_array<MessagingNameRow>({
    {MessagingName::system, "messaging.system", ""},
    {MessagingName::operation_name, "messaging.operation.name", ""},
    {MessagingName::operation_type, "messaging.operation.type", "messaging.operation"},
    {MessagingName::destination, "messaging.destination.name", ""},
    {MessagingName::partition, "messaging.destination.partition.id",
     "messaging.kafka.destination.partition"},
    {MessagingName::consumer_group, "messaging.consumer.group.name",
     "messaging.kafka.consumer.group"},
    {MessagingName::client_id, "messaging.client.id", "messaging.client_id"},
    {MessagingName::message_id, "messaging.message.id", ""},
    {MessagingName::offset, "messaging.kafka.offset", "messaging.kafka.message.offset"},
    {MessagingName::key, "messaging.kafka.message.key", ""},
    {MessagingName::tombstone, "messaging.kafka.message.tombstone", ""},
    {MessagingName::cluster_id, "messaging.kafka.cluster.id", ""},
    {MessagingName::batch_count, "messaging.batch.message_count", ""},
    {MessagingName::body_size, "messaging.message.body.size", ""},
});

inline constexpr std::string_view kSchemaUrl = "https://opentelemetry.io/schemas/1.44.0";

enum class NamesWanted : std::uint8_t { current, both };
// The value of OTEL_SEMCONV_STABILITY_OPT_IN.
[[nodiscard]] NamesWanted names_wanted(std::string_view opt_in);

// What v1.24 called a type of operation: "send" was "publish", "process" was "deliver".
[[nodiscard]] std::string_view old_operation(std::string_view type);

void put_messaging(Attributes& attributes, MessagingName name, const AttributeValue& value,
                   NamesWanted wanted);

}  // namespace longspan
