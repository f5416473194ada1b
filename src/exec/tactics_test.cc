// SPDX-License-Identifier: Apache-2.0
// Every tactic against the reference on every sample case of the ops that it binds at. A new tactic needs no line here;
// one that needs a larger graph than one node brings that graph in a test of its own.
#include <set>

#include "exec/exec_testing.h"
#include "ops/registry.h"

namespace lathe::exec {
namespace {

TEST(Tactics, GiveWhatTheReferenceGives) {
    std::map<std::string, int> candidates;
    for (const ir::Op* op : ops::all()) {
        for (const ir::SampleCase& c : op->samples()) {
            auto sample = ops::makeSample(*op, c, 3);
            ASSERT_TRUE(sample.ok()) << op->name() << "/" << c.name << ": " << sample.status().toString();
            if (op->is(ir::Op::kNondeterministic)) continue;
            for (const tactics::Tactic* t : tactics::forOp(op->name())) {
                auto r = testing::compareTactic(*sample->graph, *t, sample->inputTensors(), {.reduction = c.reduction},
                                                fmt::format("{}/{}", op->name(), c.name));
                candidates[t->id()] += r.candidates;
            }
        }
    }
    for (auto [id, n] : candidates) RecordProperty(id, n);
}

TEST(Tactics, HaveDistinctIds) {
    std::set<std::string> ids;
    for (const tactics::Tactic* t : tactics::all()) {
        EXPECT_TRUE(ids.insert(t->id()).second) << t->id();
        EXPECT_EQ(tactics::find(t->id()), t);
        EXPECT_TRUE(std::string(t->anchor()) == "*" || ops::find(t->anchor()))
            << t->id() << " binds at '" << t->anchor() << "', which is no op";
    }
}

}  // namespace
}  // namespace lathe::exec
