// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

// What a body's value is once Identity nodes are followed back.
std::string origin(const Graph& body, std::string name) {
    for (size_t steps = 0; steps <= body.nodes.size(); ++steps) {
        const auto made = std::find_if(body.nodes.begin(), body.nodes.end(), [&](const Node& node) {
            return node.outputs.size() == 1 && node.outputs[0] == name && node.domain.empty() &&
                   (node.opType == "Identity") && node.inputs.size() == 1;
        });
        if (made == body.nodes.end()) return name;
        name = made->inputs[0];
    }
    return name;
}

bool isTrue(const Tensor& tensor) {
    const auto values = tensor.dataType == DataType::kBool ? tensor.toInts() : Result<Ints>(Ints());
    return values.ok() && values->size() == 1 && (*values)[0] != 0;
}

// Whether the condition that a body computes is its own condition, or true, whatever happens.
bool goesOn(const Graph& body) {
    const std::string name = origin(body, body.outputs[0].name);
    if (name == body.inputs[1].name) return true;
    for (const Tensor& tensor : body.initializers) {
        if (tensor.name == name) return isTrue(tensor);
    }
    for (const Node& node : body.nodes) {
        if (node.opType != "Constant" || !node.domain.empty() || node.outputs.empty() || node.outputs[0] != name)
            continue;
        const Attribute* value = node.attribute("value");
        return value && value->type == AttributeType::kTensor && isTrue(value->tensors[0]);
    }
    return false;
}

Result<ITensor*> withoutAxes(NodeImport& c, ITensor* t) { return c.rank(t) == 0 ? t : TRY(c.reshape(t, Ints{})); }

Status importLoop(NodeImport& c) {
    const Graph& body = *TRY(c.graphAttr("body"));
    const int carried = std::max(c.inputCount() - 2, 0);
    const int stacked = static_cast<int>(body.outputs.size()) - 1 - carried;
    if (static_cast<int>(body.inputs.size()) != 2 + carried || stacked < 0 || c.outputCount() > carried + stacked) {
        return c.invalid("a body with {} inputs and {} outputs does not suit {} carried values and {} outputs",
                         body.inputs.size(), body.outputs.size(), carried, c.outputCount());
    }
    const auto known = TRY(c.knownInts(1));
    const bool starts = !c.has(1) || (known && known->size() == 1 && (*known)[0] != 0);
    const bool counted = starts && goesOn(body);
    if (counted && !c.has(0)) return c.notSupported("the loop never ends: it has neither a count nor a condition");
    ITensor* trips = c.has(0) ? TRY(withoutAxes(c, TRY(c.input(0)))) : nullptr;
    ITensor* first = c.has(1) ? TRY(withoutAxes(c, TRY(c.input(1)))) : TRY(c.scalar(1, ApiType::kBOOL));

    nvinfer1::ILoop* loop = c.network().addLoop();
    if (!loop) return c.refusal("addLoop");
    loop->setName(c.session().uniqueName(c.label()).c_str());
    const auto recurrence = [&](ITensor* start) { return c.made(loop->addRecurrence(*start), "recurrence"); };
    if (trips) TRY(c.made(loop->addTripLimit(*trips, nvinfer1::TripLimit::kCOUNT), "trip_limit"));
    nvinfer1::IRecurrenceLayer* counter = TRY(recurrence(TRY(c.intScalar(0))));
    counter->setInput(1, *TRY(c.add(counter->getOutput(0), TRY(c.intScalar(1)))));
    nvinfer1::IRecurrenceLayer* condition = nullptr;
    if (!counted) {
        condition = TRY(recurrence(first));
        TRY(c.made(loop->addTripLimit(*condition->getOutput(0), nvinfer1::TripLimit::kWHILE), "trip_limit"));
    }
    TensorList inputs = {counter->getOutput(0), condition ? condition->getOutput(0) : first};
    std::vector<nvinfer1::IRecurrenceLayer*> values;
    for (int i = 0; i < carried; ++i) {
        values.push_back(TRY(recurrence(TRY(c.input(2 + i)))));
        inputs.push_back(values.back()->getOutput(0));
    }
    const TensorList results = TRY(c.importBody(body, inputs));
    for (int i = 0; i < carried; ++i) {
        const Dims before = c.dims(inputs[static_cast<size_t>(2 + i)]),
                   after = c.dims(results[static_cast<size_t>(1 + i)]);
        bool same = before.nbDims == after.nbDims;
        for (int d = 0; same && d < before.nbDims; ++d) same = before.d[d] < 0 || before.d[d] == after.d[d];
        if (!same) {
            return c.notSupported(
                "carried value {} has the shape {} at first, but {} after an iteration; it must keep it", i,
                toString(before), toString(after));
        }
    }
    if (condition) condition->setInput(1, *TRY(withoutAxes(c, results[0])));
    for (int i = 0; i < carried; ++i) values[static_cast<size_t>(i)]->setInput(1, *results[static_cast<size_t>(1 + i)]);
    for (int i = 0; i < c.outputCount(); ++i) {
        const bool last = i < carried;
        ITensor* value = last ? values[static_cast<size_t>(i)]->getOutput(0) : results[static_cast<size_t>(1 + i)];
        auto* out = TRY(c.made(
            loop->addLoopOutput(*value, last ? nvinfer1::LoopOutput::kLAST_VALUE : nvinfer1::LoopOutput::kCONCATENATE),
            "loop", i == 0));
        // Without a length the stack is as long as the loop ran.
        if (!last && counted) out->setInput(1, *trips);
        TRY(c.output(i, TRY(c.set(out))));
    }
    return {};
}

Status importScan(NodeImport& c) {
    if (c.opset() < 9) {
        return c.notSupported("version {} scans over a batch; versions from 9 on are supported", c.opset());
    }
    const Graph& body = *TRY(c.graphAttr("body"));
    const auto scanned = static_cast<int>(TRY(c.intAttr("num_scan_inputs")));
    const int states = c.inputCount() - scanned;
    const int stacked = static_cast<int>(body.outputs.size()) - states;
    if (scanned < 1 || states < 0 || stacked < 0 || static_cast<int>(body.inputs.size()) != c.inputCount() ||
        c.outputCount() > states + stacked) {
        return c.invalid(
            "a body with {} inputs and {} outputs does not suit {} inputs, {} of them scanned, and {} outputs",
            body.inputs.size(), body.outputs.size(), c.inputCount(), scanned, c.outputCount());
    }
    const auto list = [&](const char* name, int count) -> Result<Ints> {
        Ints out = TRY(c.intsAttr(name, Ints(static_cast<size_t>(count), 0)));
        if (static_cast<int>(out.size()) != count)
            return c.invalid("attribute '{}' has {} values; {} are needed", name, out.size(), count);
        return out;
    };
    const Ints inputAxes = TRY(list("scan_input_axes", scanned)),
               inputReverse = TRY(list("scan_input_directions", scanned));
    const Ints outputAxes = TRY(list("scan_output_axes", stacked)),
               outputReverse = TRY(list("scan_output_directions", stacked));

    nvinfer1::ILoop* loop = c.network().addLoop();
    if (!loop) return c.refusal("addLoop");
    loop->setName(c.session().uniqueName(c.label()).c_str());
    ITensor* trips = nullptr;
    TensorList inputs;
    std::vector<nvinfer1::IRecurrenceLayer*> values;
    for (int i = 0; i < states; ++i) {
        values.push_back(TRY(c.made(loop->addRecurrence(*TRY(c.input(i))), "recurrence")));
        inputs.push_back(values.back()->getOutput(0));
    }
    for (int i = 0; i < scanned; ++i) {
        ITensor* x = TRY(c.input(states + i));
        const int axis = TRY(c.axis(inputAxes[static_cast<size_t>(i)], c.rank(x)));
        if (!trips) {
            trips = TRY(c.gather(TRY(c.shapeOf(x)), TRY(c.intScalar(axis)), 0));
            TRY(c.made(loop->addTripLimit(*trips, nvinfer1::TripLimit::kCOUNT), "trip_limit"));
        }
        auto* slices = TRY(c.made(loop->addIterator(*x, axis, inputReverse[static_cast<size_t>(i)] != 0), "iterator"));
        inputs.push_back(slices->getOutput(0));
    }
    const TensorList results = TRY(c.importBody(body, inputs));
    for (int i = 0; i < states; ++i) values[static_cast<size_t>(i)]->setInput(1, *results[static_cast<size_t>(i)]);
    using Kind = nvinfer1::LoopOutput;
    for (int i = 0; i < c.outputCount(); ++i) {
        nvinfer1::ILoopOutputLayer* out = nullptr;
        if (i < states) {
            out = TRY(c.made(loop->addLoopOutput(*values[static_cast<size_t>(i)]->getOutput(0), Kind::kLAST_VALUE),
                             "scan", i == 0));
        } else {
            ITensor* value = results[static_cast<size_t>(i)];
            const auto at = static_cast<size_t>(i - states);
            const int axis = TRY(c.axis(outputAxes[at], c.rank(value) + 1));
            out = TRY(c.made(loop->addLoopOutput(*value, outputReverse[at] ? Kind::kREVERSE : Kind::kCONCATENATE, axis),
                             "scan", i == 0));
            out->setInput(1, *trips);
        }
        TRY(c.output(i, TRY(c.set(out))));
    }
    return {};
}

}  // namespace

LATHE_ONNX_OPS(loop,                      //
               {"", "Loop", importLoop},  //
               {"", "Scan", importScan})

}  // namespace lathe::onnx
