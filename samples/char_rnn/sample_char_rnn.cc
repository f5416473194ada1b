// SPDX-License-Identifier: Apache-2.0
// A recurrent network, made layer by layer as a loop, that continues a text character by character. See README.md.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>

#include "samples/common/digits.h"
#include "samples/common/weights.h"

using namespace nvinfer1;
using samples::view;
using samples::WeightMap;

namespace {

constexpr int64_t kMostCharacters = 1 << 16;

// A part of the gates: columns [part * cells, (part + 1) * cells) of [1, 4 * cells].
ITensor* gate(INetworkDefinition& network, ITensor& gates, int64_t part, int64_t cells, ActivationType type) {
    ITensor* piece = network.addSlice(gates, Dims2(0, part * cells), Dims2(1, cells), Dims2(1, 1))->getOutput(0);
    return network.addActivation(*piece, type)->getOutput(0);
}

ITensor* combine(INetworkDefinition& network, ITensor& a, ITensor& b, ElementWiseOperation how) {
    return network.addElementWise(a, b, how)->getOutput(0);
}

// One LSTM layer over `characters` [steps], from the state before the first one to that after the last one; the scores
// of what comes next after each of them.
bool addNetwork(INetworkDefinition& network, const WeightMap& weights) {
    const int64_t letters = static_cast<int64_t>(weights.at("alphabet").size());
    const int64_t cells = static_cast<int64_t>(weights.at("b").size()) / 4;
    ITensor* characters = network.addInput("characters", DataType::kINT32, Dims{1, {-1}});
    ITensor* hidden = network.addInput("hidden", DataType::kFLOAT, Dims2(1, cells));
    ITensor* memory = network.addInput("memory", DataType::kFLOAT, Dims2(1, cells));
    // What a character gives to the gates is a row of a table.
    ITensor* table = network.addConstant(Dims2(letters, 4 * cells), view(weights, "wx"))->getOutput(0);
    ITensor* given = network.addGather(*table, *characters, 0)->getOutput(0);
    ITensor* recurrent = network.addConstant(Dims2(cells, 4 * cells), view(weights, "wh"))->getOutput(0);
    ITensor* bias = network.addConstant(Dims2(1, 4 * cells), view(weights, "b"))->getOutput(0);

    // As often as there are characters: the loop's trip limit is a scalar of their number.
    ITensor* shape = network.addCast(*network.addShape(*characters)->getOutput(0), DataType::kINT32)->getOutput(0);
    IShuffleLayer* scalar = network.addShuffle(*shape);
    scalar->setReshapeDimensions(Dims{0, {}});
    ILoop* loop = network.addLoop();
    loop->addTripLimit(*scalar->getOutput(0), TripLimit::kCOUNT);
    ITensor* row = loop->addIterator(*given)->getOutput(0);
    IRecurrenceLayer* h = loop->addRecurrence(*hidden);
    IRecurrenceLayer* c = loop->addRecurrence(*memory);
    IShuffleLayer* line = network.addShuffle(*row);
    line->setReshapeDimensions(Dims2(1, 4 * cells));
    ITensor* product =
        network.addMatrixMultiply(*h->getOutput(0), MatrixOperation::kNONE, *recurrent, MatrixOperation::kNONE)
            ->getOutput(0);
    ITensor* gates = combine(network, *line->getOutput(0), *product, ElementWiseOperation::kSUM);
    gates = combine(network, *gates, *bias, ElementWiseOperation::kSUM);
    ITensor* in = gate(network, *gates, 0, cells, ActivationType::kSIGMOID);
    ITensor* keep = gate(network, *gates, 1, cells, ActivationType::kSIGMOID);
    ITensor* candidate = gate(network, *gates, 2, cells, ActivationType::kTANH);
    ITensor* out = gate(network, *gates, 3, cells, ActivationType::kSIGMOID);
    ITensor* kept = combine(network, *keep, *c->getOutput(0), ElementWiseOperation::kPROD);
    ITensor* added = combine(network, *in, *candidate, ElementWiseOperation::kPROD);
    ITensor* nextC = combine(network, *kept, *added, ElementWiseOperation::kSUM);
    ITensor* shown = network.addActivation(*nextC, ActivationType::kTANH)->getOutput(0);
    ITensor* nextH = combine(network, *out, *shown, ElementWiseOperation::kPROD);
    h->setInput(1, *nextH);
    c->setInput(1, *nextC);
    ITensor* lastH = loop->addLoopOutput(*h->getOutput(0), LoopOutput::kLAST_VALUE, 0)->getOutput(0);
    ITensor* lastC = loop->addLoopOutput(*c->getOutput(0), LoopOutput::kLAST_VALUE, 0)->getOutput(0);
    ILoopOutputLayer* all = loop->addLoopOutput(*nextH, LoopOutput::kCONCATENATE, 0);  // [steps, 1, cells]
    all->setInput(1, *scalar->getOutput(0));

    IShuffleLayer* states = network.addShuffle(*all->getOutput(0));
    states->setReshapeDimensions(Dims2(-1, cells));
    ITensor* readout = network.addConstant(Dims2(cells, letters), view(weights, "why"))->getOutput(0);
    ITensor* offset = network.addConstant(Dims2(1, letters), view(weights, "by"))->getOutput(0);
    ITensor* scores =
        network.addMatrixMultiply(*states->getOutput(0), MatrixOperation::kNONE, *readout, MatrixOperation::kNONE)
            ->getOutput(0);
    scores = combine(network, *scores, *offset, ElementWiseOperation::kSUM);
    // The best of them, for each character.
    ITensor* next = network.addTopK(*scores, TopKOperation::kMAX, 1, 1u << 1, DataType::kINT32)->getOutput(1);
    next->setName("next");
    lastH->setName("last_hidden");
    lastC->setName("last_memory");
    for (ITensor* t : {next, lastH, lastC}) network.markOutput(*t);
    return true;
}

std::unique_ptr<IHostMemory> build(ILogger& logger, const WeightMap& weights) {
    const std::unique_ptr<IBuilder> builder(createInferBuilder(logger));
    const std::unique_ptr<INetworkDefinition> network(builder->createNetworkV2(0));
    if (!addNetwork(*network, weights)) return nullptr;
    const std::unique_ptr<IBuilderConfig> config(builder->createBuilderConfig());
    IOptimizationProfile* profile = builder->createOptimizationProfile();
    profile->setDimensions("characters", OptProfileSelector::kMIN, Dims{1, {1}});
    profile->setDimensions("characters", OptProfileSelector::kOPT, Dims{1, {1}});
    profile->setDimensions("characters", OptProfileSelector::kMAX, Dims{1, {kMostCharacters}});
    config->addOptimizationProfile(profile);
    return std::unique_ptr<IHostMemory>(builder->buildSerializedNetwork(*network, *config));
}

// The network with its state, which goes on from one call to the next.
class Reader {
  public:
    Reader(ICudaEngine& engine, size_t cells)
        : context_(engine.createExecutionContext()), hidden_(cells), memory_(cells) {}
    // What it expects behind each of the characters; empty on failure.
    std::vector<int32_t> read(std::vector<int32_t> characters) {
        std::vector<int32_t> next(characters.size());
        std::vector<float> hidden(hidden_.size()), memory(memory_.size());
        // Host memory: a CPU engine (LATHE_TARGET=cpu).
        const bool ok = context_->setInputShape("characters", Dims{1, {static_cast<int64_t>(characters.size())}}) &&
                        context_->setTensorAddress("characters", characters.data()) &&
                        context_->setTensorAddress("hidden", hidden_.data()) &&
                        context_->setTensorAddress("memory", memory_.data()) &&
                        context_->setTensorAddress("next", next.data()) &&
                        context_->setTensorAddress("last_hidden", hidden.data()) &&
                        context_->setTensorAddress("last_memory", memory.data()) && context_->enqueueV3(nullptr);
        if (!ok) return {};
        hidden_ = hidden;
        memory_ = memory;
        return next;
    }

  private:
    std::unique_ptr<IExecutionContext> context_;
    std::vector<float> hidden_, memory_;
};

}  // namespace

int main(int argc, char** argv) {
    const std::string folder = samples::dataFolder(argc, argv);
    WeightMap weights;
    if (!samples::readWeights(folder + "/char_rnn.wts", weights)) return 1;
    std::ifstream file(folder + "/char_rnn.txt", std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const std::vector<float>& alphabet = weights.at("alphabet");
    std::vector<int32_t> codes;
    for (const char c : text) {
        const auto at = std::find(alphabet.begin(), alphabet.end(), static_cast<float>(static_cast<unsigned char>(c)));
        if (at == alphabet.end()) continue;
        codes.push_back(static_cast<int32_t>(at - alphabet.begin()));
    }
    if (codes.size() < 200 || codes.size() > kMostCharacters) {
        std::fprintf(stderr, "%s/char_rnn.txt is missing or not the text\n", folder.c_str());
        return 1;
    }
    const auto shown = [&](int32_t code) { return static_cast<char>(alphabet[static_cast<size_t>(code)]); };

    samples::Logger logger;
    const std::unique_ptr<IHostMemory> plan = build(logger, weights);
    if (!plan) return 1;
    const std::unique_ptr<IRuntime> runtime(createInferRuntime(logger));
    const std::unique_ptr<ICudaEngine> engine(runtime->deserializeCudaEngine(plan->data(), plan->size()));
    if (!engine) return 1;
    const size_t cells = weights.at("b").size() / 4;

    // It goes on from the first words, one character a run.
    Reader writer(*engine, cells);
    const std::vector<int32_t> begin(codes.begin(), codes.begin() + 120);
    std::vector<int32_t> next = writer.read(begin);
    std::string continued;
    for (int i = 0; i < 160 && !next.empty(); ++i) {
        continued += shown(next.back());
        next = writer.read({next.back()});
    }
    std::printf("%s|%s\n", text.substr(0, 120).c_str(), continued.c_str());

    // And it reads the whole text in one run.
    Reader reader(*engine, cells);
    next = reader.read(codes);
    int64_t right = 0;
    for (size_t i = 0; i + 1 < next.size(); ++i) right += next[i] == codes[i + 1];
    const double share = next.empty() ? 0 : 100.0 * static_cast<double>(right) / static_cast<double>(next.size() - 1);
    std::printf("%ld of %ld characters were foretold (%.2f %%)\n", static_cast<long>(right),
                static_cast<long>(next.size()) - 1, share);
    return share >= 90 ? 0 : 1;
}
