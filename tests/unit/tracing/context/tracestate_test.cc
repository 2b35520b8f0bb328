#include "tracing/context/tracestate.h"

#include <gtest/gtest.h>

#include <string>

namespace longspan {
namespace {

std::string members(int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += (i == 0 ? "k" : ",k") + std::to_string(i) + "=v";
  return out;
}

struct Row {
  std::string value;
  TraceFault fault;
  std::optional<std::string_view> datadog = {};
};

TEST(Tracestate, ChecksTheGrammar) {
  const std::string long_key(256, 'a');
  const Row rows[] = {
      {"rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", TraceFault::none},
      {"rojo=1 , congo=2\t,\tx=3", TraceFault::none},
      {"", TraceFault::none},
      {"a=1,,b=2,", TraceFault::none},
      {"fw529a3039@dt=FfQUmAZ0", TraceFault::none},
      {"0tenant@system=x", TraceFault::none},
      {"a=b c d", TraceFault::none},
      {long_key + "=1", TraceFault::none},
      {long_key + "a=1", TraceFault::bad_member},
      {std::string(241, 't') + "@" + std::string(14, 's') + "=1", TraceFault::none},
      {std::string(242, 't') + "@s=1", TraceFault::bad_member},
      {"t@" + std::string(15, 's') + "=1", TraceFault::bad_member},
      {"t@=1", TraceFault::bad_member},
      {"@s=1", TraceFault::bad_member},
      {"a=" + std::string(256, 'v'), TraceFault::none},
      {"a=" + std::string(257, 'v'), TraceFault::bad_member},
      {"A=1", TraceFault::bad_member},
      {"-a=1", TraceFault::bad_member},
      {"a=", TraceFault::bad_member},
      {"=1", TraceFault::bad_member},
      {"a", TraceFault::bad_member},
      {"a =1", TraceFault::bad_member},
      {"a=1=2", TraceFault::bad_member},
      {"a=\xc3\xa4", TraceFault::bad_member},
      {"a=\xff", TraceFault::bad_member},
      {std::string("a=\0", 3), TraceFault::bad_member},
      {"a=1,b=2,a=3", TraceFault::repeated_member},
      {"dd=s:1,dd=s:2", TraceFault::repeated_member},
      {members(32), TraceFault::none},
      {members(33), TraceFault::too_many_members},
      {"congo=1,dd=s:2;o:rum,rojo=3", TraceFault::none, "s:2;o:rum"},
      {"ddd=s:2,d@dd=1", TraceFault::none},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.value);
    const Tracestate found = read_tracestate(row.value);
    EXPECT_EQ(name(found.fault), name(row.fault));
    EXPECT_EQ(found.datadog, row.datadog);
  }
}

TEST(Tracestate, TellsDatadogsPriority) {
  EXPECT_EQ(datadog_priority("s:2;o:rum"), 2);
  EXPECT_EQ(datadog_priority("o:rum;s:-1"), -1);
  EXPECT_EQ(datadog_priority("o:rum"), std::nullopt);
  EXPECT_EQ(datadog_priority("s:"), std::nullopt);
  EXPECT_EQ(datadog_priority("s:high"), std::nullopt);
  EXPECT_EQ(datadog_priority("ts:1;t.s:1"), std::nullopt);
}

struct ChangeRow {
  std::string before;
  std::optional<bool> sampled;
  std::string after;
};

TEST(Tracestate, NamesTheNewSpanInDatadogsMember) {
  const SpanId span{0xb7ad6b7169203331};
  const std::string p = "p:b7ad6b7169203331";
  const ChangeRow rows[] = {
      {"dd=s:1;p:00f067aa0ba902b7;t.dm:-4", true, "dd=s:1;" + p + ";t.dm:-4"},
      {"dd=s:2;o:rum", {}, "dd=s:2;o:rum;" + p},
      {"dd=s:2", false, "dd=s:0;" + p},
      {"dd=s:-1;x:y", true, "dd=s:1;x:y;" + p},
      {"dd=s:what", true, "dd=s:1;" + p},
      {"dd=s:what", {}, "dd=s:what;" + p},
      {"dd=p:1;p:2", {}, "dd=" + p},
      // What was changed goes to the front; the others stay in their order.
      {"rojo=1, congo=2 ,dd=s:1,x=y", true, "dd=s:1;" + p + ",rojo=1,congo=2,x=y"},
      {"rojo=1,,congo=2", true, "rojo=1,congo=2"},
      {"", true, ""},
  };
  for (const ChangeRow& row : rows) {
    SCOPED_TRACE(row.before);
    EXPECT_EQ(with_datadog_span(row.before, span, row.sampled), row.after);
  }
}

TEST(Tracestate, IsNotMadeLargerThanItsLimits) {
  const SpanId span{1};
  const std::string tags = "t.a:" + std::string(234, 'v');
  EXPECT_TRUE(with_datadog_span("dd=" + tags.substr(1), span, {}));
  EXPECT_FALSE(with_datadog_span("dd=" + tags, span, {}));
  const std::string full = "a=" + std::string(256, 'v') + ",b=" + std::string(230, 'v');
  EXPECT_FALSE(with_datadog_span(full + ",dd=s:1", span, {}));
  EXPECT_TRUE(with_datadog_span(full.substr(10) + ",dd=s:1", span, {}));
}

}  // namespace
}  // namespace longspan
