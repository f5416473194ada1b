// SPDX-License-Identifier: Apache-2.0
// Answers requests on standard input, one after another, until it ends. Numbers are little-endian.
//
//   request:  u64 size, ONNX model; u64 count, tensors
//   tensor:   u64 size, name; i64 element type (nvinfer1::DataType); i64 rank, i64 extents; u64 size, bytes
//   answer:   i64 0, u64 count, tensors; or i64 1 (import) or 2 (run), u64 size, error text
//
// Each request is parsed into a network of its own, lowered, and run by the ops' reference kernels.
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "NvOnnxParser.h"
#include "api/build/network.h"
#include "ir/interpreter.h"

namespace lathe {
namespace {

class Log final : public nvinfer1::ILogger {
  public:
    void log(Severity severity, char const* text) noexcept override {
        if (verbose && severity <= Severity::kWARNING) std::fprintf(stderr, "%s\n", text);
    }
    bool verbose = false;
};

// The network only keeps a reference to it.
class NoBuilder final : public nvinfer1::IBuilder {};

template <class T>
bool get(T& value) {
    return std::fread(&value, sizeof value, 1, stdin) == 1;
}
bool getBytes(std::string& text) {
    uint64_t size = 0;
    if (!get(size)) return false;
    text.resize(size);
    return std::fread(text.data(), 1, size, stdin) == size;
}
template <class T>
void put(const T& value) {
    std::fwrite(&value, sizeof value, 1, stdout);
}
void putBytes(const void* data, uint64_t size) {
    put(size);
    std::fwrite(data, 1, size, stdout);
}

struct Given {
    std::string name;
    ir::Tensor tensor;
    std::string bytes;
};

bool getTensor(Given& t) {
    int64_t type = 0, rank = 0;
    if (!getBytes(t.name) || !get(type) || !get(rank)) return false;
    t.tensor.dtype = static_cast<DType>(type);
    t.tensor.dims.resize(static_cast<size_t>(rank));
    for (int64_t& extent : t.tensor.dims) {
        if (!get(extent)) return false;
    }
    if (!getBytes(t.bytes)) return false;
    t.tensor.data = t.bytes.data();
    return true;
}

struct Answer {
    std::vector<std::string> names;
    std::vector<ir::HostTensor> tensors;
};

Result<Answer> answer(Log& log, const std::string& model, std::vector<Given>& inputs, int64_t& stage) {
    NoBuilder builder;
    api::Reporter reporter(&log);
    api::Network network(builder, reporter, 0);
    std::unique_ptr<nvonnxparser::IParser> parser(nvonnxparser::createParser(network, log));
    stage = 1;
    if (!parser->parse(model.data(), model.size())) {
        std::string text;
        for (int i = 0; i < parser->getNbErrors(); ++i) {
            const nvonnxparser::IParserError& e = *parser->getError(i);
            text += fmt::format("{}node {} '{}' ({}): {} [code {}, {}:{}]", i ? "\n" : "", e.node(), e.nodeName(),
                                e.nodeOperator(), e.desc(), static_cast<int>(e.code()), e.file(), e.line());
        }
        return Status(Code::kUnsupported, text);
    }
    stage = 2;
    auto lowered = TRY(network.lower());
    std::vector<ir::Tensor> given;
    for (int i = 0; i < network.getNbInputs(); ++i) {
        const std::string name = network.getInput(i)->getName();
        const Given* found = nullptr;
        for (const Given& g : inputs) {
            if (g.name == name) found = &g;
        }
        if (!found) return invalidArgument("input '{}' is not given", name);
        given.push_back(found->tensor);
    }
    Answer out;
    out.tensors = TRY(ir::interpret(*lowered.graph, given));
    for (int i = 0; i < network.getNbOutputs(); ++i) out.names.push_back(network.getOutput(i)->getName());
    return out;
}

int serve(bool verbose) {
    Log log;
    log.verbose = verbose;
    std::string model;
    while (getBytes(model)) {
        uint64_t count = 0;
        if (!get(count)) return 1;
        std::vector<Given> inputs(count);
        for (Given& input : inputs) {
            if (!getTensor(input)) return 1;
        }
        int64_t stage = 1;
        Result<Answer> result = answer(log, model, inputs, stage);
        if (!result.ok()) {
            put(stage);
            const std::string text = result.status().message();
            putBytes(text.data(), text.size());
        } else {
            put(int64_t{0});
            put(static_cast<uint64_t>(result->tensors.size()));
            for (size_t i = 0; i < result->tensors.size(); ++i) {
                const ir::Tensor& t = result->tensors[i].tensor;
                putBytes(result->names[i].data(), result->names[i].size());
                put(static_cast<int64_t>(t.dtype));
                put(static_cast<int64_t>(t.dims.size()));
                for (const int64_t extent : t.dims) put(extent);
                putBytes(t.data, t.byteSize());
            }
        }
        std::fflush(stdout);
    }
    return 0;
}

}  // namespace
}  // namespace lathe

int main(int argc, char** argv) { return lathe::serve(argc > 1 && !std::strcmp(argv[1], "--verbose")); }
