#include "cli/commands/remedy.h"

#include <gtest/gtest.h>

namespace longspan {
namespace {

const TopicPartition kSource{"orders", 3};

// A partition whose position is of `written_at`, and an event of `told_at` about it.
FlowState state_of(TimestampMs written_at, std::optional<Stop> stop, EventKind kind,
                   TimestampMs told_at) {
  FlowState state;
  state.slots.resize(1);
  Position position;
  position.target_topic = "east.orders";
  position.written_at = written_at;
  position.stopped_by = stop;
  EXPECT_TRUE(
      state.slots[0].apply(encode_key(PositionKey{kSource, kNoTopicId, 1}), encode(position)));
  Event event;
  event.number = 17;
  event.kind = kind;
  event.at = told_at;
  event.partition = kSource;
  EXPECT_TRUE(state.slots[0].apply(encode_key(key_of(event)), encode(event)));
  return state;
}

TEST(RemedyFor, WhoWaitsForTheEventHasOne) {
  const Stop stop{17, EventKind::target_truncated, {5}, {9}};
  const auto remedy =
      remedy_for(state_of({2'000}, stop, EventKind::target_truncated, {1'000}), kSource, {0, 17});
  ASSERT_TRUE(remedy) << remedy.error().text();
  EXPECT_EQ(remedy->event, 17);
}

TEST(RemedyFor, APositionThatIsOlderThanTheEventDoesNotKnowYet) {
  const auto remedy = remedy_for(
      state_of({900}, std::nullopt, EventKind::target_truncated, {1'000}), kSource, {0, 17});
  ASSERT_TRUE(remedy) << remedy.error().text();
  EXPECT_EQ(remedy->kind, RemedyKind::accept_loss);
}

TEST(RemedyFor, WhoDoesNotWaitHasNone) {
  const auto gone_on = remedy_for(
      state_of({2'000}, std::nullopt, EventKind::target_truncated, {1'000}), kSource, {0, 17});
  ASSERT_FALSE(gone_on);
  EXPECT_NE(gone_on.error().text().find("does not wait for event 0/17"), std::string::npos);
  const auto no_stop =
      remedy_for(state_of({900}, std::nullopt, EventKind::slot_taken, {1'000}), kSource, {0, 17});
  ASSERT_FALSE(no_stop);
  EXPECT_NE(no_stop.error().text().find("does not stop"), std::string::npos);
  EXPECT_FALSE(remedy_for(state_of({900}, std::nullopt, EventKind::target_truncated, {1'000}),
                          kSource, {0, 18}));
}

}  // namespace
}  // namespace longspan
