// SPDX-License-Identifier: Apache-2.0
#include "caffe_testing.h"

#include <cmath>
#include <cstring>

namespace lathe_test {
namespace {

// Round to nearest even; enough for the numbers of tests, which are neither denormal nor huge.
uint16_t toHalf(float value) {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    const uint32_t sign = (bits >> 16) & 0x8000;
    if (value == 0) return static_cast<uint16_t>(sign);
    const uint32_t rounded = (bits & 0x7fffffff) + 0xfff + ((bits >> 13) & 1);
    return static_cast<uint16_t>(sign | ((rounded >> 13) - (112 << 10)));
}

Message blobs(Message out, uint32_t field, const std::vector<Message>& list) {
    for (const Message& blob : list) out.message(field, blob);
    return out;
}

}  // namespace

int64_t countOf(const Ints& extents) {
    int64_t count = 1;
    for (const int64_t e : extents) count *= e;
    return count;
}

Array noise(const Ints& extents, uint32_t seed, float low, float high) {
    Array out{extents, Floats(static_cast<size_t>(countOf(extents)))};
    uint32_t state = seed * 2654435761u + 12345;
    for (float& value : out.values) {
        state = state * 1664525u + 1013904223u;
        value = low + (high - low) * static_cast<float>(state >> 8) / 16777216.0f;
    }
    return out;
}

Message blobMessage(const Array& array, Form form) {
    Message out;
    if (form == Form::kLegacyShape) {
        const size_t front = 4 - array.extents.size();
        for (uint32_t i = 0; i < 4; ++i) out.varint(i + 1, i < front ? 1 : array.extents[i - front]);
    } else if (form != Form::kNoShape) {
        out.message(7, Message().packed(1, array.extents));
    }
    switch (form) {
        case Form::kSingles:
            for (const float value : array.values) out.real(5, value);
            break;
        case Form::kTwoRuns: {
            const auto middle = array.values.begin() + static_cast<std::ptrdiff_t>(array.values.size() / 2);
            out.packedFixed(5, Floats(array.values.begin(), middle)).packedFixed(5, Floats(middle, array.values.end()));
            break;
        }
        case Form::kDouble: out.packedFixed(8, std::vector<double>(array.values.begin(), array.values.end())); break;
        case Form::kHalf: {
            std::vector<uint16_t> halves;
            for (const float value : array.values) halves.push_back(toHalf(value));
            out.varint(10, 2).packedFixed(12, halves);
            break;
        }
        default: out.packedFixed(5, array.values);
    }
    return out;
}

Message layerMessage(const std::string& name, const std::vector<Message>& list) {
    return blobs(Message().bytes(1, name).bytes(2, "Some"), 7, list);
}
Message oldLayerMessage(const std::string& name, const std::vector<Message>& list) {
    return blobs(Message().bytes(2, "bottom").bytes(4, name).varint(5, 4), 6, list);
}

Logger& CaffeTest::processLogger() {
    static Logger* first = [] {
        auto* made = new Logger;
        delete createInferBuilder(*made);
        return made;
    }();
    return *first;
}

std::string CaffeTest::withInput(const Ints& extents, const std::string& layers) {
    std::string dims;
    for (const int64_t e : extents) dims += " dim: " + std::to_string(e);
    return "name: 'test'\nlayer { name: 'data' type: 'Input' top: 'data' input_param { shape {" + dims + " } } }\n" +
           layers;
}

const nvcaffeparser1::IBlobNameToTensor* CaffeTest::parse(const std::string& text, DataType type) {
    // A model that has layers without weights is what Caffe writes.
    Message all = model;
    all.message(100, layerMessage("data", {}));
    const auto bytes = [](const std::string& s) { return reinterpret_cast<const uint8_t*>(s.data()); };
    return parser->parseBuffers(bytes(text), text.size(), bytes(all.str()), all.str().size(), *network, type);
}

void CaffeTest::feedArray(const char* name, const Array& array) {
    NetworkTest::Answer fedOne;
    fedOne.dims.nbDims = static_cast<int32_t>(array.extents.size());
    for (size_t i = 0; i < array.extents.size(); ++i) fedOne.dims.d[i] = array.extents[i];
    fedOne.bytes.resize(array.values.size() * sizeof(float));
    std::memcpy(fedOne.bytes.data(), array.values.data(), fedOne.bytes.size());
    fed[name] = fedOne;
}

Array CaffeTest::answer(const std::string& text, const Array& data, const char* blob) {
    const auto* names = parse(text, weightType);
    if (!names) {
        ADD_FAILURE() << logger.takeErrors();
        return {};
    }
    ITensor* y = names->find(blob);
    if (!y) {
        ADD_FAILURE() << "no blob " << blob;
        return {};
    }
    EXPECT_STREQ(y->getName(), blob);
    network->markOutput(*y);
    feedArray("data", data);
    const auto answers = run();
    if (!answers.count(blob)) {
        ADD_FAILURE() << "no answer";
        return {};
    }
    return {list(answers.at(blob).dims), answers.at(blob).as<float>()};
}

void expectClose(const Array& actual, const Array& expected, int reduction, double eps) {
    EXPECT_EQ(actual.extents, expected.extents);
    ASSERT_EQ(actual.values.size(), expected.values.size());
    double largest = 0;
    for (const float v : expected.values) {
        if (std::isfinite(v)) largest = std::max(largest, std::abs(static_cast<double>(v)));
    }
    const double tolerance = eps * (4 + reduction) * std::max(largest, 0.1);
    for (size_t i = 0; i < expected.values.size(); ++i) {
        const float a = actual.values[i], e = expected.values[i];
        if (std::isnan(e)) {
            EXPECT_TRUE(std::isnan(a)) << "element " << i;
        } else {
            ASSERT_NEAR(a, e, tolerance) << "element " << i << " of " << expected.values.size();
        }
    }
}

}  // namespace lathe_test
