// SPDX-License-Identifier: Apache-2.0
// Real networks, found through LATHE_MODELS (a folder with graphs/*.onnx, without their large weights).
#include <cstdlib>
#include <filesystem>
#include <map>

#include <gtest/gtest.h>

#include "frontends/onnx/model/check_model.h"
#include "frontends/onnx/model/inline_functions.h"
#include "frontends/onnx/model/parse.h"

namespace lathe::onnx {
namespace {

namespace fs = std::filesystem;

// The environment's folder, else "shared/models" beside the working directory or any folder around it.
fs::path modelsFolder() {
    if (const char* given = std::getenv("LATHE_MODELS")) return given;
    for (fs::path at = fs::current_path(); at != at.root_path(); at = at.parent_path()) {
        if (fs::exists(at.parent_path() / "shared/models/graphs")) return at.parent_path() / "shared/models";
    }
    return "../shared/models";
}

std::map<std::string, size_t> countOps(const Graph& graph) {
    std::map<std::string, size_t> counts;
    for (const Node& node : graph.nodes) ++counts[node.opType];
    return counts;
}

class RealModels : public ::testing::Test {
  protected:
    void SetUp() override {
        folder_ = modelsFolder() / "graphs";
        if (!fs::is_directory(folder_)) GTEST_SKIP() << "no folder " << folder_ << "; set LATHE_MODELS";
    }
    Model read(const std::string& name) {
        Result<Model> model = parseFile((folder_ / (name + ".onnx")).string());
        EXPECT_TRUE(model.ok()) << model.status().message();
        return model.ok() ? model.take() : Model();
    }

    fs::path folder_;
};

TEST_F(RealModels, AllAreSound) {
    size_t count = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder_)) {
        if (entry.path().extension() != ".onnx") continue;
        Model model = read(entry.path().stem().string());
        EXPECT_EQ(model.opsets.at(""), 20) << entry.path();
        EXPECT_EQ(checkModel(model, {.allowMissingData = true}).message(), "") << entry.path();
        EXPECT_TRUE(inlineFunctions(model).ok());
        EXPECT_EQ(checkModel(model, {.allowMissingData = true}).message(), "") << entry.path();
        ++count;
    }
    EXPECT_GE(count, 9u);
}

// Figures counted with the Python package onnx.
TEST_F(RealModels, Resnet50) {
    const Model model = read("resnet50");
    EXPECT_EQ(model.graph.inputs.size(), 1u);
    EXPECT_EQ(toString(model.graph.inputs[0].type), "FLOAT[batch,3,224,224]");
    EXPECT_EQ(countOps(model.graph)["Conv"], 53u);
    const Node& first = model.graph.nodes[0];
    EXPECT_EQ(first.opType, "Conv");
    ASSERT_NE(first.attribute("strides"), nullptr);
    EXPECT_EQ(first.attribute("strides")->ints, (std::vector<int64_t>{2, 2}));
    EXPECT_EQ(first.attribute("pads")->ints, (std::vector<int64_t>{3, 3, 3, 3}));
}

TEST_F(RealModels, Gpt2) {
    const Model model = read("gpt2");
    EXPECT_EQ(toString(model.graph.inputs[0].type), "INT64[batch,sequence]");
    EXPECT_EQ(countOps(model.graph)["LayerNormalization"], 25u);
}

}  // namespace
}  // namespace lathe::onnx
