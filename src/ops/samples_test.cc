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
            if (!results.ok() || op->is(ir::Op::kRegions)) continue;
            std::vector<ir::HostTensor> inputs;
            size_t parameter = 0;
            for (const ir::Value* v : sample->node->inputs()) {
                if (!v) {
                    inputs.push_back(testing::absent());
                } else if (v->isConstant()) {
                    auto* bytes = const_cast<std::byte*>(v->constant()->bytes()->data());
                    inputs.push_back({{v->dtype(), v->constant()->dims(), bytes}, v->constant()});
                } else {
                    inputs.push_back(sample->inputs[parameter++]);
                }
            }
            testing::checkInference(op->name(), c.attrs.c_str(), inputs, *results);
        }
    }
}

TEST(Samples, EveryOpHasCasesAndDistinctName) {
    std::set<std::string> names;
    for (const ir::Op* op : all()) {
        EXPECT_TRUE(names.insert(op->name()).second) << op->name();
        // What a plugin computes is the plugin's own; tests/api has some.
        bool own = op->is(ir::Op::kRegions) || op->name() == std::string_view("plugin");
        EXPECT_TRUE(own || !op->samples().empty()) << op->name();
        EXPECT_EQ(find(op->name()), op);
    }
}

}  // namespace
}  // namespace lathe::ops
