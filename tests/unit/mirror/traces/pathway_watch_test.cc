#include "mirror/traces/pathway_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mirror/traces/copy_context.h"
#include "mirror/verify/difference.h"
#include "tests/unit/mirror/traces/trace_watch_on_fakes.h"
#include "tracing/context/base64.h"
#include "tracing/pathways/pathway_context.h"

namespace longspan {
namespace {

using std::chrono::milliseconds;
using testing::IsEmpty;
using testing::SizeIs;

struct BucketList final : PathwaySink {
  [[nodiscard]] const PathwayService& service() const override { return of; }
  void push(PathwayBucket bucket) override { buckets.push_back(std::move(bucket)); }
  PathwayService of;
  std::vector<PathwayBucket> buckets;
};

class PathwayWatchTest : public TraceWatchTest {
 protected:
  void TearDown() override { traces.reset(); }  // before what it pushes to
  void begin_pathways(TraceMode mode, SpanSink* to = nullptr) {
    TraceConfig config{"east->west", settings(mode), 1000, 0, "e", "w"};
    traces = std::make_unique<TraceWatch>(clock, hops, to, std::move(config), &ways);
    traces->open(passage, source, target);
  }
  [[nodiscard]] std::string text(std::uint64_t hash, std::int64_t start_ago,
                                 std::int64_t edge_ago) const {
    const auto now = clock.now().value;
    return to_base64(encode_pathway({hash, {now - start_ago}, {now - edge_ago}}));
  }
  static std::optional<PathwayContext> pathway_of(const Headers& headers) {
    std::vector<HeaderView> views;
    for (const Header& each : headers) views.push_back({each.name, *each.value});
    return read_pathway(views).context;
  }
  const PathwayPoint& point(const std::string& direction) {
    for (const PathwayPoint& each : ways.buckets.back().points) {
      if (each.edge->front() == direction) return each;
    }
    throw std::runtime_error("no point " + direction);
  }

  BucketList ways;
};

TEST_F(PathwayWatchTest, AReparentedRecordComesInAndGoesOut) {
  begin_pathways(TraceMode::reparent);
  const Headers copy =
      fetch(change(7, {{"a", "1"}, {"dd-pathway-ctx-base64", text(42, 3'000, 1'000)}}));
  ASSERT_THAT(copy, SizeIs(2));
  EXPECT_EQ(copy[0], (Header{"a", "1"}));
  const auto next = pathway_of(copy);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->start.value, clock.now().value - 3'000);
  EXPECT_EQ(next->edge_start, clock.now());

  clock.advance(milliseconds(10'000));
  traces->tick(clock.steady());
  ASSERT_THAT(ways.buckets, SizeIs(1));
  ASSERT_THAT(ways.buckets[0].points, SizeIs(2));
  const PathwayPoint& in = point("direction:in");
  const PathwayPoint& out = point("direction:out");
  EXPECT_EQ(*in.edge,
            (std::vector<std::string>{"direction:in", "group:east->west", "kafka_cluster_id:e",
                                      "topic:orders", "type:kafka"}));
  EXPECT_EQ(*out.edge, (std::vector<std::string>{"direction:out", "kafka_cluster_id:w",
                                                 "topic:east.orders", "type:kafka"}));
  EXPECT_EQ(in.parent, 42U);
  EXPECT_EQ(out.parent, in.hash);
  EXPECT_EQ(next->hash, out.hash);
  EXPECT_DOUBLE_EQ(in.edge_seconds.sum(), 1.0);
  EXPECT_DOUBLE_EQ(in.pathway_seconds.sum(), 3.0);
  EXPECT_DOUBLE_EQ(out.edge_seconds.sum(), 0.0);
  EXPECT_EQ(traces->figures().pathways.checkpoints, 2U);
}

TEST_F(PathwayWatchTest, ALinkedTopicKeepsItsHeader) {
  begin_pathways(TraceMode::link);
  const Headers headers{{"dd-pathway-ctx-base64", text(42, 3'000, 1'000)}};
  EXPECT_EQ(fetch(change(7, headers)), headers);
  traces.reset();  // what was gathered leaves
  ASSERT_THAT(ways.buckets, SizeIs(1));
  EXPECT_THAT(ways.buckets[0].points, SizeIs(1));
}

TEST_F(PathwayWatchTest, APreservedTopicHasNoCheckpoints) {
  begin_pathways(TraceMode::preserve);
  EXPECT_FALSE(TraceWatch::is_on(passage));
  traces.reset();
  EXPECT_THAT(ways.buckets, IsEmpty());
}

TEST_F(PathwayWatchTest, WithoutAnExporterOfSpansOnlyThePathwayIsWritten) {
  begin_pathways(TraceMode::reparent);
  const Headers copy = fetch(change(7, {{"traceparent", kSampled}}));
  ASSERT_THAT(copy, SizeIs(2));
  EXPECT_EQ(copy[0], (Header{"traceparent", kSampled}));
  EXPECT_EQ(copy[1].name, "dd-pathway-ctx-base64");
}

TEST_F(PathwayWatchTest, SpansAndPathwayAreBothWritten) {
  begin_pathways(TraceMode::reparent, &spans);
  const Headers copy = fetch(change(7, {{"traceparent", kSampled}}));
  ASSERT_THAT(copy, SizeIs(2));
  EXPECT_NE(copy[0], (Header{"traceparent", kSampled}));
  EXPECT_TRUE(pathway_of(copy));
}

TEST_F(PathwayWatchTest, ABrokenHeaderStays) {
  begin_pathways(TraceMode::reparent);
  const Headers headers{{"dd-pathway-ctx-base64", "####"}};
  EXPECT_EQ(fetch(change(7, headers)), headers);
  EXPECT_EQ(traces->figures().pathways.broken, 1U);
  EXPECT_EQ(traces->figures().pathways.checkpoints, 0U);
}

TEST_F(PathwayWatchTest, ACopyIsTheSameBesideItsPathway) {
  begin_pathways(TraceMode::reparent);
  const Headers headers{{"a", "1"}, {"dd-pathway-ctx-base64", text(42, 3'000, 1'000)}};
  const Record original = change(7, headers);
  clock.advance(milliseconds(5));
  const auto copy_of = [&](std::int64_t start_ago) {
    Record copy = change(107, {{"a", "1"}, {"dd-pathway-ctx-base64", text(9, start_ago, 0)}},
                         std::chrono::milliseconds(1'005));
    copy.timestamp = original.timestamp;
    return copy;
  };
  const Record copy = copy_of(3'005);
  EXPECT_EQ(fingerprint_beside_pathways(copy), fingerprint_beside_pathways(original));
  EXPECT_NE(fingerprint(copy), fingerprint(original));
  EXPECT_EQ(difference(original, copy, passage.rule), std::nullopt);
  EXPECT_NE(difference(original, copy), std::nullopt) << "of a topic whose bytes must not change";
  EXPECT_EQ(difference(original, copy_of(3'006), passage.rule)->substr(0, 13), "pathway start");
  Record lost = change(107, {{"a", "1"}}, std::chrono::milliseconds(1'005));
  lost.timestamp = original.timestamp;
  EXPECT_EQ(difference(original, lost, passage.rule), "pathway: its header is missing");
}

}  // namespace
}  // namespace longspan
