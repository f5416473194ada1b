// SPDX-License-Identifier: Apache-2.0
// Small Caffe networks for tests: the prototxt as text, the caffemodel from a writer of our own, data, and a run.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "NvCaffeParser.h"
#include "api_testing.h"
#include "frontends/common/test_writer.h"

namespace lathe_test {

using lathe::frontends::testing::Message;
using lathe::frontends::testing::TempFolder;
using Floats = std::vector<float>;
using Ints = std::vector<int64_t>;

// A tensor of a reference: [N, C, H, W] or whatever its extents say.
struct Array {
    Ints extents;
    Floats values;

    int64_t at(size_t axis) const { return axis < extents.size() ? extents[axis] : 1; }
    float& operator()(int64_t n, int64_t c, int64_t h, int64_t w) {
        return values[static_cast<size_t>(((n * at(1) + c) * at(2) + h) * at(3) + w)];
    }
    float operator()(int64_t n, int64_t c, int64_t h, int64_t w) const { return const_cast<Array&>(*this)(n, c, h, w); }
};

int64_t countOf(const Ints& extents);
// Numbers from `low` to `high` that depend on the seed alone.
Array noise(const Ints& extents, uint32_t seed, float low = -1, float high = 1);

// The ways in which a BlobProto can hold its numbers.
enum class Form { kPacked, kSingles, kTwoRuns, kDouble, kHalf, kLegacyShape, kNoShape };
Message blobMessage(const Array& array, Form form = Form::kPacked);
// A LayerParameter with blobs; the older kind has other field numbers.
Message layerMessage(const std::string& name, const std::vector<Message>& blobs);
Message oldLayerMessage(const std::string& name, const std::vector<Message>& blobs);

class CaffeTest : public NetworkTest {
  protected:
    void SetUp() override {
        processLogger();
        NetworkTest::SetUp();
        parser.reset(nvcaffeparser1::createCaffeParser());
        ASSERT_TRUE(parser);
    }

    // The first logger of the process, which calls without a network use. It lives on after the tests.
    static Logger& processLogger();
    // Adds weights of a layer to the model.
    void give(const std::string& layer, const std::vector<Array>& blobs) {
        std::vector<Message> messages;
        for (const Array& a : blobs) messages.push_back(blobMessage(a));
        model.message(100, layerMessage(layer, messages));
    }
    // "name: …" lines with an Input layer in front: blob `data` of these extents.
    static std::string withInput(const Ints& extents, const std::string& layers);
    const nvcaffeparser1::IBlobNameToTensor* parse(const std::string& text, DataType type = DataType::kFLOAT);
    // Parses, marks the blob as output, runs it on `data`, and gives what comes out. Fails the test on errors.
    Array answer(const std::string& text, const Array& data, const char* blob = "y");
    // A second input for the next answer().
    void feedArray(const char* name, const Array& array);

    Message model;
    std::unique_ptr<nvcaffeparser1::ICaffeParser> parser;
    DataType weightType = DataType::kFLOAT;
};

// Elementwise, within the error of sums of so many products.
void expectClose(const Array& actual, const Array& expected, int reduction = 1, double eps = 1.2e-7);

}  // namespace lathe_test
