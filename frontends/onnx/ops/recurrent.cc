// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

// What LSTM, GRU and RNN have in common. The catalogue's ops take ONNX's weights as they are.
Result<Fields> cellFields(NodeImport& c, int gates) {
    Fields fields;
    const int64_t hidden = TRY(c.intAttr("hidden_size", 0));
    ITensor* r = TRY(c.input(2));
    if (c.rank(r) != 3 || c.dims(r).d[2] < 1) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_SHAPE, "input 2 (R) has the shape {}", toString(c.dims(r)));
    }
    if (hidden && hidden != c.dims(r).d[2]) {
        return c.invalid("attribute 'hidden_size' is {}, but input 2 (R) has the shape {}", hidden,
                         toString(c.dims(r)));
    }
    fields("hidden_size", c.dims(r).d[2]);
    static constexpr const char* kDirections[] = {"forward", "reverse", "bidirectional"};
    const int direction = TRY(c.choiceAttr("direction", "forward", {"forward", "reverse", "bidirectional"}));
    fields("direction", kDirections[direction]);
    fields("layout", TRY(c.intAttr("layout", 0)));
    const double clip = TRY(c.floatAttr("clip", 0));
    if (c.hasAttr("clip") && clip <= 0) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute 'clip' is {}; it must be positive", clip);
    }
    fields("clip", clip);
    const auto activations = TRY(c.stringsAttr("activations"));
    const size_t needed = static_cast<size_t>(gates) * (direction == 2 ? 2 : 1);
    if (!activations.empty()) {
        if (activations.size() != needed) {
            return c.invalid("attribute 'activations' has {} entries; {} are needed", activations.size(), needed);
        }
        std::string joined;
        for (const std::string& one : activations) joined += (joined.empty() ? "" : ",") + one;
        fields("activations", joined);
    }
    fields("alpha", TRY(c.floatsAttr("activation_alpha")))("beta", TRY(c.floatsAttr("activation_beta")));
    c.ignoreAttr("output_sequence");  // before version 7: outputs that the node does not name are not made anyway
    return fields;
}

Result<TensorList> cellInputs(NodeImport& c, int count) {
    TensorList out;
    for (int i = 0; i < count; ++i) out.push_back(TRY(i < 3 ? c.input(i) : c.optionalInput(i)));
    return out;
}

Status importLstm(NodeImport& c) {
    Fields fields = TRY(cellFields(c, 3));
    fields("input_forget", TRY(c.boolAttr("input_forget", false)));
    return c.outputs(TRY(c.ops("lstm", TRY(cellInputs(c, 8)), 3, fields)));
}

Status importGru(NodeImport& c) {
    Fields fields = TRY(cellFields(c, 2));
    fields("linear_before_reset", TRY(c.boolAttr("linear_before_reset", false)));
    return c.outputs(TRY(c.ops("gru", TRY(cellInputs(c, 6)), 2, fields)));
}

Status importRnn(NodeImport& c) {
    const Fields fields = TRY(cellFields(c, 1));
    return c.outputs(TRY(c.ops("rnn", TRY(cellInputs(c, 6)), 2, fields)));
}

}  // namespace

LATHE_ONNX_OPS(recurrent,                 //
               {"", "LSTM", importLstm},  //
               {"", "GRU", importGru},    //
               {"", "RNN", importRnn})

}  // namespace lathe::onnx
