// SPDX-License-Identifier: Apache-2.0
// Shipped plugins that become layers: the same numbers as the plugins' own loops give, wherever the layers run.
#include <cstdlib>
#include <deque>

#include "NvInferPlugin.h"
#include "conformance_testing.h"

namespace lathe_test {
namespace {

// Fields of a creator, with their values.
class Fields {
  public:
    Fields& real(const char* name, std::vector<double> values) {
        auto& kept = reals_.emplace_back(values.begin(), values.end());
        list_.emplace_back(name, kept.data(), PluginFieldType::kFLOAT32, static_cast<int32_t>(kept.size()));
        return *this;
    }
    Fields& integer(const char* name, std::vector<int32_t> values) {
        auto& kept = integers_.emplace_back(std::move(values));
        list_.emplace_back(name, kept.data(), PluginFieldType::kINT32, static_cast<int32_t>(kept.size()));
        return *this;
    }
    Fields& text(const char* name, const char* value) {
        list_.emplace_back(name, value, PluginFieldType::kCHAR, static_cast<int32_t>(std::strlen(value)));
        return *this;
    }
    PluginFieldCollection collection() const { return {static_cast<int32_t>(list_.size()), list_.data()}; }

  private:
    std::deque<std::vector<float>> reals_;
    std::deque<std::vector<int32_t>> integers_;
    std::vector<PluginField> list_;
};

struct PluginInput {
    Value value;
    std::vector<int> open = {0};  // axes that the second run leaves open
    bool constant = false;
};

class ShippedPlugins : public Conformance {
  protected:
    void SetUp() override {
        Conformance::SetUp();
        ASSERT_TRUE(initLibNvInferPlugins(&logger, ""));
    }

    Define add(const char* name, const char* version, const Fields& fields, const std::vector<PluginInput>& inputs) {
        return [this, name, version, &fields, &inputs](Net& n) {
            auto* creator = getPluginRegistry()->getCreator(name, version, "");
            ASSERT_TRUE(creator) << name;
            std::vector<ITensor*> in;
            for (const PluginInput& i : inputs)
                in.push_back(i.constant ? &n.constant(i.value) : &n.in(i.value, i.open));
            const auto count = static_cast<int32_t>(in.size());
            const PluginFieldCollection collection = fields.collection();
            ILayer* layer = nullptr;
            if (std::strcmp(creator->getInterfaceInfo().kind, "PLUGIN CREATOR_V3ONE") == 0) {
                std::unique_ptr<IPluginV3> plugin(
                    static_cast<IPluginCreatorV3One*>(creator)->createPlugin("it", &collection, TensorRTPhase::kBUILD));
                ASSERT_TRUE(plugin) << logger.errors;
                layer = n->addPluginV3(in.data(), count, nullptr, 0, *plugin);
            } else {
                IPluginV2* plugin = static_cast<IPluginCreator*>(creator)->createPlugin("it", &collection);
                ASSERT_TRUE(plugin) << logger.errors;
                layer = n->addPluginV2(in.data(), count, *plugin);
                plugin->destroy();
            }
            ASSERT_TRUE(layer) << logger.errors;
            layer->setName("the plugin");
            for (int32_t o = 0; o < layer->getNbOutputs(); ++o) n.out(layer, o);
        };
    }

    // What the plugin's loops say.
    std::vector<Value> loops(const Define& define) {
        std::vector<Value> out;
        logger.all.clear();
        setenv("LATHE_EXPAND_PLUGINS", "0", 1);
        EXPECT_EQ(run(define, false, "cpu", out), Ended::kWell) << logger.takeErrors();
        unsetenv("LATHE_EXPAND_PLUGINS");
        EXPECT_THAT(logger.all, ::testing::Not(::testing::HasSubstr("is made of")));
        return out;
    }

    // `length`: how many numbers are summed up for one; `opens`: also with open extents.
    void same(const char* name, const char* version, const Fields& fields, const std::vector<PluginInput>& inputs,
              double length = 1, bool half = true) {
        for (DataType type : {DataType::kFLOAT, DataType::kHALF}) {
            if (type == DataType::kHALF && !half) continue;
            SCOPED_TRACE(std::string(name) + " " + version + (type == DataType::kHALF ? ", f16" : ", f32"));
            std::vector<PluginInput> typed = inputs;
            for (PluginInput& i : typed)
                if (i.value.type == DataType::kFLOAT) i.value.type = type;
            const Define define = add(name, version, fields, typed);
            const std::vector<Value> expected = loops(define);
            const double epsilon = type == DataType::kHALF ? 1.0 / 2048 : 1.0 / (1 << 23);
            gives(define, expected, epsilon * (type == DataType::kHALF ? 4 : 8 + 2 * length));
            // Every build, for the CPU and a GPU, known and open extents, was one of layers.
            size_t made = 0;
            for (size_t at = 0; (at = logger.all.find("is made of", at)) != std::string::npos; ++at) ++made;
            EXPECT_EQ(made, 4u) << logger.warnings;
            EXPECT_THAT(logger.all, ::testing::Not(::testing::HasSubstr("stays a plugin")));
        }
    }
};

Value reshaped(Value x, Index shape) {
    x.shape = std::move(shape);
    return x;
}
std::vector<double> list(const Value& x) { return x.v; }

TEST_F(ShippedPlugins, Norms) {
    const Value x = numbers({2, 6, 3, 5}), c = numbers({6}, -2, 2, 2), b = numbers({6}, -2, 2, 3);
    for (const char* version : {"1", "2", "3"})
        same("InstanceNormalization_TRT", version, Fields().real("epsilon", {1e-3}), {{x, {0, 2}}, {c, {}}, {b, {}}},
             15);
    same("InstanceNormalization_TRT", "1", Fields().integer("relu", {1}).real("alpha", {0.25}),
         {{x}, {reshaped(c, {1, 6}), {}, true}, {b, {}, true}}, 15);
    same("GroupNormalizationPlugin", "1", Fields().integer("num_groups", {3}), {{x, {0, 3}}, {c, {}}, {b, {}}}, 30);
    same("Normalize_TRT", "1",
         Fields().real("weights", {2}).integer("acrossSpatial", {1}).integer("channelShared", {1}), {{x, {0, 2}}}, 90);
    same("Normalize_TRT", "1",
         Fields().real("weights", list(c)).integer("acrossSpatial", {0}).integer("channelShared", {0}), {{x, {0, 2}}},
         6);
    // Squares beyond what f16 holds.
    Value large = numbers({1, 40, 2, 2}, 200, 400);
    same("Normalize_TRT", "1",
         Fields().real("weights", {20}).integer("acrossSpatial", {0}).integer("channelShared", {1}), {{large}}, 40);
}

TEST_F(ShippedPlugins, SkipLayerNorm) {
    const Value x = numbers({3, 2, 8, 1, 1}), skip = numbers({3, 2, 8, 1, 1}, -2, 2, 5);
    const std::vector<double> beta = list(numbers({8}, -1, 1, 2)), gamma = list(numbers({8}, -1, 1, 3));
    for (const char* version : {"1", "2", "5", "6"})
        same("CustomSkipLayerNormPluginDynamic", version,
             Fields().integer("ld", {8}).real("beta", beta).real("gamma", gamma).real("bias", gamma),
             {{x, {0, 1}}, {skip, {0, 1}}}, 8);
    same("CustomSkipLayerNormPluginDynamic", "1", Fields().integer("ld", {8}).real("beta", beta).real("gamma", gamma),
         {{reshaped(x, {3, 2, 8})}, {reshaped(skip, {3, 2, 8})}}, 8);
}

TEST_F(ShippedPlugins, Elementwise) {
    Value x = numbers({2, 3, 4, 5}, -4, 4);
    x.v[3] = std::numeric_limits<double>::quiet_NaN();
    x.v[4] = std::numeric_limits<double>::infinity();
    x.v[5] = -x.v[4];
    same("LReLU_TRT", "1", Fields().real("negSlope", {0.125}), {{x, {0, 1}}});
    same("Clip_TRT", "1", Fields().real("clipMin", {-0.5}).real("clipMax", {0.25}), {{x, {0, 2}}});
    const Value y = numbers({2, 3, 4, 5}, -4, 4);
    same("CustomGeluPluginDynamic", "1", {}, {{y, {0, 1, 2}}});
    same("CustomGeluPluginDynamic", "1", Fields().real("bias", list(numbers({5}))), {{y, {0, 1}}});
    same("CustomGeluPluginDynamic", "1", Fields().real("bias", list(numbers({20}))),
         {{reshaped(y, {2, 3, 20, 1, 1}), {0, 1}}});
    same("CoordConvAC", "1", {}, {{y, {0, 1, 2, 3}}});
    same("CoordConvAC", "1", {}, {{reshaped(y, {2, 12, 1, 5}), {0, 2}}});
    for (const char* version : {"1", "2"})
        same("Reorg_TRT", version, Fields().integer("stride", {2}), {{numbers({2, 8, 4, 6}), {0}}});
}

TEST_F(ShippedPlugins, Bert) {
    const Value x = numbers({5, 2, 36, 1, 1});
    for (const char* version : {"1", "4"}) {
        same("CustomQKVToContextPluginDynamic", version,
             Fields().integer("hidden_size", {12}).integer("num_heads", {3}), {{x, {0, 1}}}, 8);
        // A sequence without any token, and lengths beyond the tokens.
        same("CustomQKVToContextPluginDynamic", version,
             Fields().integer("hidden_size", {12}).integer("num_heads", {3}).integer("has_mask", {1}),
             {{numbers({5, 4, 36, 1, 1}), {0, 1}}, {integers({4}, {5, 3, 0, 9}), {0}}}, 8);
    }
    same("CustomFCPluginDynamic", "1", Fields().integer("out_dims", {4}).real("W", list(numbers({48}))),
         {{numbers({3, 2, 12, 1, 1}), {0, 1}}}, 12);
    Fields embedding;
    embedding.real("bert_embeddings_layernorm_beta", list(numbers({6}, -1, 1, 1)))
        .real("bert_embeddings_layernorm_gamma", list(numbers({6}, -1, 1, 2)))
        .real("bert_embeddings_word_embeddings", list(numbers({9, 6}, -1, 1, 3)))
        .real("bert_embeddings_token_type_embeddings", list(numbers({2, 6}, -1, 1, 4)))
        .real("bert_embeddings_position_embeddings", list(numbers({7, 6}, -1, 1, 5)));
    const Value tokens = integers({4, 2}, {0, 8, 3, 4, 1, 1, 2, 7}),
                segments = integers({4, 2}, {0, 1, 0, 1, 1, 1, 0, 0}),
                mask = integers({4, 2}, {1, 1, 1, 7, 1, 0, 0, 0});
    for (const char* version : {"1", "6"})
        same("CustomEmbLayerNormPluginDynamic", version, embedding,
             {{tokens, {0, 1}}, {segments, {0, 1}}, {mask, {0, 1}}}, 6, false);
    for (double bad : {-1.0, 9.0}) {
        Value wrong = tokens;
        wrong.v[3] = bad;
        const std::vector<PluginInput> inputs = {{wrong}, {segments}, {mask}};
        failsToRun(add("CustomEmbLayerNormPluginDynamic", "1", embedding, inputs), "");
    }
}

TEST_F(ShippedPlugins, Scatter) {
    const Value data = numbers({4, 3, 5}), updates = numbers({3, 2, 5}, -2, 2, 4);
    // On the CPU the last of equal places counts; on a GPU any of them may.
    same("ScatterND", "1", {},
         {{data, {0}}, {integers({3, 1}, {1, -1, onGpu() ? 0.0 : 1.0}), {}}, {numbers({3, 3, 5}, -2, 2, 4), {0}}});
    same("ScatterND", "1", {},
         {{data, {0}},
          {integers({2, 2, 3}, {0, 0, 0, 3, 2, 4, 1, 1, 1, 2, 0, 3}), {0}},
          {numbers({2, 2}, -2, 2, 4), {0, 1}}});
    Index at = {3, 2, 5};
    Value indices = filled(
        at, [](const Index& i) { return static_cast<double>((i[0] * 7 + i[1] + i[2]) % 4); }, DataType::kINT32);
    indices.v[3] = -1;  // no place twice
    for (const char* version : {"1", "2"})
        for (const char* reduction : {"none", "add", "mul", "min", "max", "mean"})
            same("ScatterElements", version, Fields().integer("axis", {0}).text("reduction", reduction),
                 {{data, {0, 1}}, {indices, {0}}, {updates, {0}}}, 4);
    same("ScatterElements", "1", Fields().integer("axis", {-2}),
         {{data}, {integers({2, 1, 3}, {0, 2, 1, 1, 1, 0})}, {numbers({2, 1, 3}, -2, 2, 8)}});
}

TEST_F(ShippedPlugins, Regions) {
    const Value x = numbers({2, 3, 8, 7});
    const Value rois{{4, 4}, {0, 0, 6, 6, 1.5, 2, 5.25, 7, -3, -2, 3, 3, 4, 4, 4, 4}};
    const Value images = integers({4}, {0, 1, 1, 0});
    for (const char* version : {"1", "2"})
        for (int32_t mode : {0, 1})
            for (int32_t half : {0, 1})
                for (int32_t ratio : {0, 2})
                    same("ROIAlign_TRT", version,
                         Fields()
                             .integer("mode", {mode})
                             .integer("coordinate_transformation_mode", {half})
                             .integer("sampling_ratio", {ratio})
                             .integer("output_height", {3})
                             .integer("output_width", {2})
                             .real("spatial_scale", {1}),
                         {{x, {0, 2, 3}}, {rois}, {images}}, 16, ratio == 2);
    // 84 / 12 is 7 in f32, and a little more in f64: one sample a bin, not two.
    const Value whole{{1, 4}, {0, 0, 84, 84}}, wide = numbers({1, 1, 8, 8});
    same("ROIAlign_TRT", "1",
         Fields().integer("output_height", {7}).integer("output_width", {7}).real("spatial_scale", {1.0 / 12}),
         {{wide}, {whole}, {integers({1}, {0})}}, 4);
    const Value boxes{{2, 3, 4, 1}, {0, 0, 1, 1, 0.125, 0.25, 0.75, 0.5, -0.5,  0.25, 0.5, 1.5,
                                     1, 1, 0, 0, 0.5,   0.5,  0.5,  0.5, 0.375, 0,    1,   0.625}};
    for (const auto& [name, version] : {std::pair{"CropAndResize", "1"}, std::pair{"CropAndResizeDynamic", "1"},
                                        std::pair{"CropAndResizeDynamic", "2"}})
        for (int32_t w : {1, 5})
            same(name, version, Fields().integer("crop_width", {w}).integer("crop_height", {4}),
                 {{x, {0, 2, 3}}, {boxes, {0, 1}}}, 16);
}

TEST_F(ShippedPlugins, Deformable) {
    const Value x = numbers({2, 4, 5, 6}), offset = numbers({2, 36, 3, 3}, -2, 2, 2),
                mask = numbers({2, 18, 3, 3}, 0, 1, 3), weight = numbers({6, 2, 3, 3}, -1, 1, 4),
                bias = numbers({6}, -1, 1, 5);
    for (const char* version : {"1", "2"}) {
        Fields fields;
        fields.integer("stride", {2, 2}).integer("padding", {1, 1}).integer("dilation", {1, 1}).integer("group", {2});
        fields.integer("deformable_group", {2});
        same("ModulatedDeformConv2d", version, fields, {{x}, {offset}, {mask}, {weight, {}, true}, {bias, {}, true}},
             36);
        same("ModulatedDeformConv2d", version, fields,
             {{x, {0, 2, 3}}, {offset, {0, 2, 3}}, {mask, {0, 2, 3}}, {weight, {}}}, 36);
        const Value shapes = integers({2, 2}, {3, 4, 2, 1}), starts = integers({2}, {0, 12});
        same("MultiscaleDeformableAttnPlugin_TRT", version, {},
             {{numbers({2, 14, 3, 4})},
              {shapes, {}, true},
              {starts, {}, true},
              {numbers({2, 5, 3, 2, 2, 2}, -0.25, 1.25, 2), {0, 1}},
              {numbers({2, 5, 3, 2, 2}, 0, 1, 3), {0, 1}}},
             32);
    }
}

TEST_F(ShippedPlugins, Movements) {
    const Value x = numbers({2, 6, 4, 3});
    same("Split", "1", Fields().integer("axis", {1}).integer("output_lengths", {1, 3, 2}), {{x, {0, 2}}});
    same("Split", "1", Fields().integer("axis", {-2}).integer("noutputs", {2}), {{x, {0, 1}}});
    same("FlattenConcat_TRT", "1", {}, {{x, {0}}, {numbers({2, 3}), {0}}, {numbers({2, 2, 2}), {0}}});
    same("BatchTilePlugin_TRT", "1", {}, {{x, {0}}, {numbers({1, 2, 3, 3}), {1}}});
    same("ResizeNearest_TRT", "1", Fields().real("scale", {2}), {{x, {0, 2, 3}}});
    same("ResizeNearest_TRT", "1", Fields().real("scale", {1.75}), {{x, {0, 1}}});
    same("ResizeNearest_TRT", "1", Fields().real("scale", {0.4}), {{x, {0, 1}}});
    same("SpecialSlice_TRT", "1", {}, {{numbers({2, 5, 6}), {0, 1}}});
    same("Region_TRT", "1", Fields().integer("num", {2}).integer("classes", {3}), {{numbers({2, 16, 4, 3}), {0, 2, 3}}},
         3);
    // Of equal places the last one counts on the CPU; what does not count may lie anywhere.
    Value places = integers(
        {2, 4, 4}, {0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 2, 2, 0, 0, 0, 1, 0, 0, 99, 0, 0, 0, 0, -3});
    if (onGpu()) places.v[11] = 3;
    const Fields map = std::move(Fields().integer("dense_shape", {4, 5}));
    same("PillarScatterPlugin", "1", map,
         {{numbers({2, 4, 3}), {0, 1}}, {places, {0, 1}}, {integers({2}, {4, 2}), {0}}});
    for (double count : {3.0, 5.0, -1.0}) {
        const std::vector<PluginInput> inputs = {{numbers({2, 4, 3})}, {places}, {integers({2}, {4, count})}};
        failsToRun(add("PillarScatterPlugin", "1", map, inputs), "");
    }
}

TEST_F(ShippedPlugins, Priors) {
    same("PriorBox_TRT", "1",
         Fields()
             .real("minSize", {30, 60})
             .real("maxSize", {60, 90})
             .real("aspectRatios", {1, 2})
             .integer("flip", {1})
             .integer("clip", {1}),
         {{numbers({2, 3, 4, 5}), {0, 1}}, {numbers({2, 3, 100, 120}), {0, 1}}});
    same("GridAnchor_TRT", "1",
         Fields().integer("numLayers", {2}).real("aspectRatios", {1, 2, 0.5}).integer("featureMapShapes", {3, 2}), {},
         1, false);
    same("GridAnchorRect_TRT", "1",
         Fields().integer("numLayers", {2}).real("aspectRatios", {1, 2}).integer("featureMapShapes", {3, 2, 2, 1}),
         {{numbers({2, 3}), {0}}});
}

// Boxes by two corners, many of which overlap; scores many of which are equal.
Value boxesOf(Index shape, unsigned seed = 1) {
    const Value at = numbers(shape, 0, 1, seed), size = numbers(shape, 0.125, 0.75, seed + 1);
    Value out = at;
    for (size_t i = 0; i + 3 < out.v.size(); i += 4)
        for (size_t k : {2, 3}) out.v[i + k] = out.v[i + k - 2] + size.v[i + k];
    std::swap(out.v[0], out.v[2]);  // corners in the other order
    return out;
}

TEST_F(ShippedPlugins, EfficientNms) {
    const Value boxes = boxesOf({2, 20, 4}), scores = numbers({2, 20, 3}, 0, 1, 7), own = boxesOf({2, 20, 3, 4}),
                anchors = boxesOf({1, 20, 4}, 9);
    for (const char* name : {"EfficientNMS_TRT", "EfficientNMS_ONNX_TRT"}) {
        for (int32_t agnostic : {0, 1})
            for (int32_t most : {4, 100}) {
                Fields f;
                f.real("score_threshold", {0.25}).real("iou_threshold", {0.3}).integer("max_output_boxes", {most});
                f.integer("class_agnostic", {agnostic});
                same(name, "1", f, {{boxes, {0, 1}}, {scores, {0, 1}}}, 1, most == 4);
                same(name, "1", f.integer("background_class", {1}), {{own, {0, 1}}, {scores, {0, 1}}}, 1, false);
                same(name, "1", f.integer("box_coding", {1}).integer("score_activation", {1}),
                     {{reshaped(boxes, {2, 20, 1, 4})}, {scores}, {anchors, {1}}}, 8, false);
            }
        // Nothing is found.
        same(name, "1", Fields().real("score_threshold", {2}), {{boxes}, {scores}});
    }
}

// An overlap that is the threshold, as far as f32 can tell, hides nothing.
TEST_F(ShippedPlugins, OverlapsAtTheThreshold) {
    const Value boxes{{1, 2, 4}, {0, 0, 10, 1, 0, 0, 7, 1}}, scores{{1, 2, 1}, {0.75, 0.5}};
    same("EfficientNMS_TRT", "1", Fields().real("iou_threshold", {0.7}), {{boxes}, {scores}});
}

TEST_F(ShippedPlugins, ClassDetections) {
    const Value boxes = boxesOf({2, 20, 1, 4}), own = boxesOf({2, 20, 3, 4}), scores = numbers({2, 20, 3}, 0, 1, 7);
    for (const char* name : {"BatchedNMS_TRT", "BatchedNMSDynamic_TRT"})
        for (int32_t shared : {0, 1})
            for (int32_t normalized : {0, 1})
                for (int32_t topK : {5, 50})
                    same(name, "1",
                         Fields()
                             .integer("shareLocation", {shared})
                             .integer("isNormalized", {normalized})
                             .integer("numClasses", {3})
                             .integer("topK", {topK})
                             .integer("keepTopK", {12})
                             .integer("backgroundLabelId", {shared ? -1 : 1})
                             .real("scoreThreshold", {0.25})
                             .real("iouThreshold", {normalized ? 0.3 : 0.8}),
                         {{shared ? boxes : own, {0}}, {scores, {0}}}, 1, normalized && topK == 5);
    Value priors = boxesOf({2, 2, 80, 1}, 5);
    for (size_t i = 80; i < 160; ++i) priors.v[i] = priors.v[i + 160] = i % 4 < 2 ? 0.125 : 0.25;
    const Value first = reshaped({{}, {priors.v.begin(), priors.v.begin() + 160}}, {1, 2, 80, 1});
    for (const char* name : {"NMS_TRT", "NMSDynamic_TRT"})
        for (int32_t code : {0, 1, 2, 3})
            same(name, "1",
                 Fields()
                     .integer("shareLocation", {code % 2})
                     .integer("numClasses", {3})
                     .integer("topK", {10})
                     .integer("keepTopK", {8})
                     .integer("codeType", {code})
                     .real("confidenceThreshold", {0.25})
                     .integer("confSigmoid", {code == 3})
                     .integer("varianceEncodedInTarget", {code == 2})
                     .integer("isNormalized", {code != 1})
                     .integer("inputOrder", {1, 0, 2}),
                 {{numbers({2, 60, 1, 1}, 0, 1, 8), {0}},
                  {numbers({2, code % 2 ? 80 : 240, 1, 1}, -1, 1, 9), code ? std::vector<int>{0} : std::vector<int>{}},
                  {code ? first : priors, {}}},
                 8, false);
}

TEST_F(ShippedPlugins, MaskRcnn) {
    const int64_t anchors = 3 * (16 * 16 + 8 * 8 + 4 * 4 + 2 * 2 + 1);
    same("ProposalLayer_TRT", "1",
         Fields()
             .integer("prenms_topk", {60})
             .integer("keep_topk", {20})
             .real("iou_threshold", {0.5})
             .integer("image_size", {3, 64, 64}),
         {{numbers({2, anchors, 2, 1}, 0, 1, 3), {0}}, {numbers({2, anchors, 4, 1}, -1, 1, 4), {0}}}, 8, false);
    same("DetectionLayer_TRT", "1",
         Fields()
             .integer("num_classes", {4})
             .integer("keep_topk", {12})
             .real("score_threshold", {0.25})
             .real("iou_threshold", {0.3}),
         {{numbers({2, 20, 16, 1, 1}, -1, 1, 3), {0, 1}},
          {numbers({2, 20, 4, 1, 1}, 0, 1, 4), {0, 1}},
          {boxesOf({2, 20, 4}, 5), {0, 1}}},
         8, false);
}

TEST_F(ShippedPlugins, PyramidRegions) {
    // One region a map, one outside of the image, one turned around.
    Value rois{{1, 6, 4},
               {4, 4, 20, 24, 0, 8, 40, 50, 2, 2, 100, 80, 0, 0, 250, 250, -80, -90, 30, 20, 60, 60, 20, 30}};
    std::vector<PluginInput> inputs = {{rois, {0, 1}}};
    for (int64_t side : {32, 16, 8, 4})
        inputs.push_back({numbers({1, 3, side, side + 1}, -2, 2, 3 + static_cast<unsigned>(side)), {0, 2, 3}});
    for (int32_t transform : {-1, 0, 1, 2})
        for (int32_t size : {1, 3}) {
            if (size == 1 && transform > -1) continue;
            same("PyramidROIAlign_TRT", "1",
                 Fields()
                     .integer("pooled_size", {size})
                     .integer("image_size", {256, 256})
                     .integer("fpn_scale", {64})
                     .integer("sampling_ratio", {2})
                     .integer("roi_coords_transform", {transform})
                     .integer("roi_coords_swap", {size == 1}),
                 inputs, 64, size == 1);
        }
    for (double& x : inputs[0].value.v) x /= 256;
    same("PyramidROIAlign_TRT", "1",
         Fields().integer("pooled_size", {2}).integer("legacy", {1}).integer("image_size", {256, 256}), inputs, 64);
}

// What would leave the range of f16, or lose a place, stays in f32 when a GPU lowers the precision.
TEST_F(ShippedPlugins, LoweredPrecision) {
    configFlags = {BuilderFlag::kFP16};
    const std::vector<PluginInput> large = {{numbers({1, 40, 2, 2}, 200, 400)}};
    const Fields scale =
        std::move(Fields().real("weights", {20}).integer("acrossSpatial", {0}).integer("channelShared", {1}));
    const Define normalize = add("Normalize_TRT", "1", scale, large);
    gives(normalize, loops(normalize), 1e-3);
    const std::vector<PluginInput> far = {{filled({1, 1, 2, 3000}, [](const Index& i) { return i[3] % 2; }), {0}},
                                          {Value{{1, 1, 4, 1}, {0, 0.875, 1, 0.9375}}}};
    const Fields crop = std::move(Fields().integer("crop_width", {40}).integer("crop_height", {2}));
    const Define cropped = add("CropAndResize", "1", crop, far);
    gives(cropped, loops(cropped), 1e-3);
}

// Types are the network's to tell: the layers mix none.
TEST_F(ShippedPlugins, StronglyTyped) {
    flags = 1u << static_cast<uint32_t>(NetworkDefinitionCreationFlag::kSTRONGLY_TYPED);
    const Value x = numbers({2, 6, 3, 5});
    same("Normalize_TRT", "1",
         Fields().real("weights", {2}).integer("acrossSpatial", {0}).integer("channelShared", {1}), {{x}}, 6);
    same("CoordConvAC", "1", {}, {{x}});
    same("CropAndResize", "1", Fields().integer("crop_width", {2}).integer("crop_height", {3}),
         {{x}, {Value{{2, 1, 4, 1}, {0, 0, 1, 0.5, 0.25, 0, 0.75, 1}}}}, 16);
    same("EfficientNMS_TRT", "1", Fields(), {{boxesOf({2, 20, 4})}, {numbers({2, 20, 3}, 0, 1, 7)}});
    same("CustomFCPluginDynamic", "1", Fields().integer("out_dims", {4}).real("W", list(numbers({48}))),
         {{numbers({3, 2, 12, 1, 1})}}, 12);
}

// What layers don't cover stays a plugin.
TEST_F(ShippedPlugins, StayPlugins) {
    const Fields none, stride = std::move(Fields().integer("stride", {2}));
    const std::vector<PluginInput> open = {{numbers({2, 4, 4, 6}), {2}}};
    const Define define = add("Reorg_TRT", "1", stride, open);
    const std::vector<Value> expected = loops(define);
    std::vector<Value> got;
    logger.all.clear();
    ASSERT_EQ(run(define, true, "cpu", got), Ended::kWell) << logger.takeErrors();
    EXPECT_EQ(got[0].v, expected[0].v);
    EXPECT_THAT(logger.all, ::testing::Not(::testing::HasSubstr("is made of")));
    // Layers that are refused, which is told; the plugin refuses the same when it runs.
    const std::vector<PluginInput> wrong = {{numbers({2, 3, 4})}, {numbers({5}), {}}, {numbers({5}), {}}};
    std::vector<Value> nothing;
    EXPECT_EQ(run(add("InstanceNormalization_TRT", "1", none, wrong), false, "cpu", nothing), Ended::kRunning);
    EXPECT_THAT(logger.warnings, ::testing::HasSubstr("layer 'the plugin': plugin 'InstanceNormalization_TRT', version "
                                                      "'1' is not made of layers, and stays a plugin"));
    logger.takeErrors();
}

}  // namespace
}  // namespace lathe_test
