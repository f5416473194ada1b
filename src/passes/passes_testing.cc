// SPDX-License-Identifier: Apache-2.0
#include "passes/passes_testing.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "ir/interpreter.h"
#include "ir/text.h"
#include "ir/verify.h"
#include "ops/registry.h"
#include "ops/sample.h"
#include "passes/pipeline.h"

namespace lathe::passes::testing {
namespace {

std::vector<std::string> split(const std::string& text, const std::string& separator) {
    std::vector<std::string> parts(1);
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        if (line == separator)
            parts.emplace_back();
        else
            parts.back() += line + "\n";
    }
    return parts;
}

// Symbols take small sizes; every input gets seeded values.
void compareAnswers(const ir::Graph& before, const ir::Graph& after) {
    ir::SymbolValues sizes(before.symbols().size());
    for (size_t i = 0; i < before.symbols().size(); ++i) sizes.set(static_cast<int>(i), 2 + static_cast<int64_t>(i));
    std::vector<ir::HostTensor> storage;
    std::vector<ir::Tensor> inputs;
    for (const ir::Value* p : before.body().parameters()) {
        auto dims = ir::evalShape(p->shape(), sizes);
        ASSERT_TRUE(dims.ok()) << dims.status().toString();
        auto t = ir::allocateTensor(p->dtype(), *dims);
        ASSERT_TRUE(t.ok());
        ASSERT_TRUE(ops::fillRandom(t->tensor, p->dtype() == DType::kFloat ? -1 : 0, 1, 7 + storage.size()).ok());
        storage.push_back(*t);
        inputs.push_back(t->tensor);
    }
    auto a = ir::interpret(before, inputs), b = ir::interpret(after, inputs);
    ASSERT_TRUE(a.ok()) << a.status().toString();
    ASSERT_TRUE(b.ok()) << b.status().toString();
    ASSERT_EQ(a->size(), b->size());
    for (size_t i = 0; i < a->size(); ++i) {
        const ir::Tensor &x = (*a)[i].tensor, &y = (*b)[i].tensor;
        ASSERT_EQ(x.dims, y.dims);
        ASSERT_EQ(x.dtype, y.dtype);
        if (x.dtype != DType::kFloat) {
            EXPECT_EQ(std::memcmp(x.data, y.data, x.byteSize()), 0) << "result " << i;
            continue;
        }
        for (int64_t k = 0; k < x.count(); ++k) {
            float p = x.as<float>()[k], q = y.as<float>()[k];
            EXPECT_TRUE(p == q || (std::isnan(p) && std::isnan(q)) ||
                        std::fabs(p - q) <= 1e-5f * std::max(1.f, std::fabs(p)))
                << "result " << i << ", element " << k << ": " << p << " and " << q;
        }
    }
}

}  // namespace

void expectSameAnswers(const ir::Graph& before, const ir::Graph& after) { compareAnswers(before, after); }

void runCases(const char* pass) {
    const Pass* p = find(pass);
    ASSERT_NE(p, nullptr) << pass;
    std::string path = std::string(LATHE_SOURCE_DIR) + "/src/passes/testdata/" + pass + ".ir";
    std::ifstream file(path);
    ASSERT_TRUE(file) << path;
    std::stringstream text;
    text << file.rdbuf();
    for (const std::string& oneCase : split(text.str(), "===")) {
        auto halves = split(oneCase, "---");
        ASSERT_EQ(halves.size(), 2u) << oneCase;
        auto before = ir::parse(halves[0], ops::find), after = ir::parse(halves[1], ops::find);
        ASSERT_TRUE(before.ok()) << before.status().toString() << "\n" << halves[0];
        ASSERT_TRUE(after.ok()) << after.status().toString() << "\n" << halves[1];
        auto original = (*before)->clone();
        auto changed = p->run(**before);
        ASSERT_TRUE(changed.ok()) << changed.status().toString();
        Status ok = ir::verify(**before);
        EXPECT_TRUE(ok.ok()) << ok.toString();
        EXPECT_EQ(ir::print(**before), ir::print(**after)) << "case:\n" << halves[0];
        EXPECT_EQ(*changed, ir::print(*original) != ir::print(**after)) << halves[0];
        compareAnswers(*original, **before);
    }
}

}  // namespace lathe::passes::testing
