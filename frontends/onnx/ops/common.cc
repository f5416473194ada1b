// SPDX-License-Identifier: Apache-2.0
#include "frontends/onnx/ops/common.h"
#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
void Window::addTo(Fields& fields) const {
    static constexpr const char* kModes[] = {"notset", "same_upper", "same_lower", "valid"};
    Ints pads = before;
    pads.insert(pads.end(), after.begin(), after.end());
    fields("kernel", kernel)("strides", strides)("dilations", dilations)("pads", pads);
    fields("auto_pad", kModes[static_cast<int>(autoPad)]);
}

nvinfer1::PaddingMode Window::paddingMode(bool roundUp) const {
    using Mode = nvinfer1::PaddingMode;
    if (autoPad == AutoPad::kSameUpper) return Mode::kSAME_UPPER;
    if (autoPad == AutoPad::kSameLower) return Mode::kSAME_LOWER;
    return roundUp ? Mode::kEXPLICIT_ROUND_UP : Mode::kEXPLICIT_ROUND_DOWN;
}

Result<Window> readWindow(NodeImport& c, int rank, const std::optional<Ints>& kernel, bool kernelFree) {
    Window w;
    w.spatial = rank - 2;
    if (w.spatial < 1 || w.spatial > 3) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_SHAPE, "data of {} dimensions; from 3 to 5 are supported", rank);
    }
    const auto n = static_cast<size_t>(w.spatial);
    w.kernel = TRY(c.intsAttr("kernel_shape", kernel.value_or(Ints())));
    if (w.kernel.empty() && !kernelFree) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_DYNAMIC,
                      "neither attribute 'kernel_shape' nor the shape of the weights tells the kernel's extents");
    }
    w.strides = TRY(c.intsAttr("strides", Ints(n, 1)));
    w.dilations = TRY(c.intsAttr("dilations", Ints(n, 1)));
    const Ints pads = TRY(c.intsAttr("pads", Ints(2 * n, 0)));
    const struct {
        const char* name;
        const Ints& values;
        size_t count;
        int64_t least;
    } lists[] = {{"kernel_shape", w.kernel, n, 1},
                 {"strides", w.strides, n, 1},
                 {"dilations", w.dilations, n, 1},
                 {"pads", pads, 2 * n, 0}};
    for (const auto& list : lists) {
        if (kernelFree && list.values.empty()) continue;
        if (list.values.size() != list.count) {
            return c.invalid("attribute '{}' has {} values; data of {} dimensions needs {}", list.name,
                             list.values.size(), rank, list.count);
        }
        for (const int64_t value : list.values) {
            if (value < list.least) {
                return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute '{}' has the value {}; the least is {}",
                              list.name, value, list.least);
            }
        }
    }
    if (kernel && w.kernel != *kernel) {
        return c.invalid("attribute 'kernel_shape' differs from the shape of the weights");
    }
    w.autoPad = static_cast<Window::AutoPad>(
        TRY(c.choiceAttr("auto_pad", "NOTSET", {"NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"})));
    if (w.autoPad == Window::AutoPad::kNotSet) {
        w.before.assign(pads.begin(), pads.begin() + w.spatial);
        w.after.assign(pads.begin() + w.spatial, pads.end());
    }
    return w;
}

Result<Axes> readAxes(NodeImport& c, int i, int64_t since, const char* attribute) {
    Axes out;
    if (c.opset() < since) {
        out.given = c.hasAttr(attribute);
        if (out.given) out.known = TRY(c.intsAttr(attribute));
        return out;
    }
    out.given = c.has(i);
    if (!out.given) return out;
    out.known = TRY(c.knownInts(i));
    if (!out.known) out.tensor = TRY(c.input(i));
    return out;
}

Ints axesFrom(int from, int rank) {
    Ints out;
    for (int axis = from; axis < rank; ++axis) out.push_back(axis);
    return out;
}

Result<bool> isZero(const Tensor& tensor) {
    for (const std::byte b : TRY(tensor.bytes())) {
        if (b != std::byte{0}) return false;
    }
    return true;
}

bool isStatic(const Dims& dims) {
    for (int i = 0; i < dims.nbDims; ++i) {
        if (dims.d[i] < 0) return false;
    }
    return true;
}

}  // namespace lathe::onnx
