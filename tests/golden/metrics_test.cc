#include <gtest/gtest.h>

#include "cli/http/metrics_page.h"
#include "cli/views/lag_json.h"
#include "cli/views/why_text.h"
#include "tests/golden/golden.h"
#include "tests/unit/cli/views/rich_figures.h"
#include "tests/unit/cli/views/rich_snapshot.h"
#include "tracing/metric_doc.h"

namespace longspan {
namespace {

TEST(GoldenMetrics, TheDocumentIsTheTable) {
  EXPECT_GOLDEN("dashboards/METRICS.md", metrics_markdown());
}

TEST(GoldenMetrics, TheCausesAreTheirTable) {
  EXPECT_GOLDEN("dashboards/CAUSES.md", causes_markdown());
}

TEST(GoldenMetrics, TheExpositionOfARichSnapshot) {
  EXPECT_GOLDEN("tests/golden/metrics.txt", collect(rich_snapshot(), rich_figures()).text());
}

TEST(GoldenMetrics, TheLagJsonOfARichSnapshot) {
  EXPECT_GOLDEN("tests/golden/metrics_lag.json",
                lag_json(rich_snapshot(), JsonForm::indented) + "\n");
}

}  // namespace
}  // namespace longspan
