// SPDX-License-Identifier: Apache-2.0
// Every op's sample cases must infer and run; tactics are compared on the same cases elsewhere.
#include <gtest/gtest.h>

#include <set>

#include "ops/ops_testing.h"
#include "ops/registry.h"
#include "ops/sample.h"

namespace lathe::ops {
namespace {

TEST(Samples, EveryOpRunsItsCases) {
    for (const ir::Op* op : all()) {
        for (const ir::SampleCase& c : op->samples()) {
            auto sample = makeSample(*op, c, 1);
            ASSERT_TRUE(sample.ok()) << op->name() << "/" << c.name << ": " << sample.status().toString();
            auto results = ir::interpret(*sample->graph, sample->inputTensors());
            EXPECT_TRUE(results.ok()) << op->name() << "/" << c.name << ": " << results.status().toString();
        }
    }
}

TEST(Samples, EveryOpHasCasesAndDistinctName) {
    std::set<std::string> names;
    for (const ir::Op* op : all()) {
        EXPECT_TRUE(names.insert(op->name()).second) << op->name();
        EXPECT_TRUE(op->is(ir::Op::kRegions) || !op->samples().empty()) << op->name();
        EXPECT_EQ(find(op->name()), op);
    }
}

}  // namespace
}  // namespace lathe::ops
