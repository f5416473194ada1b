// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "frontends/onnx/importer/node_import.h"

namespace lathe::onnx {
namespace {

constexpr double kPi = 3.14159265358979323846;

struct Complex {
    ITensor* real;
    ITensor* imaginary;  // null when it is zero
};

// The matrix e^(-2 pi i n k / length) with `rows` values of n and `columns` of k. The angles are reduced as integers,
// to sines of at most a quarter turn, so that large products lose nothing and what is 0 comes out as 0.
Result<Complex> matrix(NodeImport& c, ITensor* length, ITensor* rows, ITensor* columns, bool inverse, ApiType type) {
    ITensor* n = TRY(c.unsqueeze(TRY(c.countTo(rows)), {1}));
    ITensor* k = TRY(c.unsqueeze(TRY(c.countTo(columns)), {0}));
    ITensor* turn = TRY(c.binary("mod", TRY(c.mul(n, k)), length));
    // The angle is half a turn times `there` / length, or as much backwards.
    ITensor* rest = TRY(c.sub(length, turn));
    ITensor* there = TRY(c.mul(TRY(c.binary("min", turn, rest)), TRY(c.intScalar(2))));
    ITensor* quarter = TRY(c.binary("min", there, TRY(c.sub(length, there))));
    ITensor* backwards = TRY(c.binary("greater", turn, rest));
    const auto sine = [&](ITensor* halfTurns, double part) -> Result<ITensor*> {
        ITensor* real = TRY(c.div(TRY(c.cast(halfTurns, ApiType::kFLOAT)), TRY(c.cast(length, ApiType::kFLOAT))));
        return c.cast(TRY(c.unary("sin", TRY(c.scale(real, part * kPi)))), type);
    };
    ITensor* negative = TRY(c.unary("neg", quarter));
    ITensor* imaginary =
        inverse ? TRY(c.select(backwards, negative, quarter)) : TRY(c.select(backwards, quarter, negative));
    ITensor* real = TRY(c.sub(length, TRY(c.mul(there, TRY(c.intScalar(2))))));
    return Complex{TRY(sine(real, 0.5)), TRY(sine(imaginary, 1))};
}

// Rows of x times a matrix.
Result<Complex> product(NodeImport& c, const Complex& x, const Complex& m) {
    Complex y{TRY(c.matmul(x.real, m.real)), TRY(c.matmul(x.real, m.imaginary))};
    if (x.imaginary) {
        y.real = TRY(c.sub(y.real, TRY(c.matmul(x.imaginary, m.imaginary))));
        y.imaginary = TRY(c.add(y.imaginary, TRY(c.matmul(x.imaginary, m.real))));
    }
    return y;
}

// The two parts of [..., 1 or 2].
Result<Complex> parts(NodeImport& c, ITensor* x) {
    const Dims dims = c.dims(x);
    const int last = dims.nbDims - 1;
    if (dims.nbDims < 2 || (dims.d[last] != 1 && dims.d[last] != 2)) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_SHAPE,
                      "the data {} must end with a dimension of 1 (real) or 2 (complex numbers)", toString(dims));
    }
    const auto part = [&](int64_t i) -> Result<ITensor*> { return c.gather(x, TRY(c.intScalar(i)), last); };
    return Complex{TRY(part(0)), dims.d[last] == 2 ? TRY(part(1)) : nullptr};
}

Result<ITensor*> join(NodeImport& c, const Complex& y) {
    const int rank = c.rank(y.real);
    return c.concat({TRY(c.unsqueeze(y.real, {rank})), TRY(c.unsqueeze(y.imaginary, {rank}))}, rank);
}

Result<ITensor*> extentOf(NodeImport& c, ITensor* x, int axis) {
    return c.gather(TRY(c.shapeOf(x)), TRY(c.intScalar(axis)), 0);
}

// length / 2 + 1
Result<ITensor*> half(NodeImport& c, ITensor* length) {
    return c.add(TRY(c.binary("floor_div", length, TRY(c.intScalar(2)))), TRY(c.intScalar(1)));
}

Result<ITensor*> scalarInput(NodeImport& c, int i) {
    ITensor* t = TRY(c.optionalInput(i));
    if (!t) return t;
    if (c.rank(t) == 1) t = TRY(c.squeeze(t, {0}));
    return c.cast(t, ApiType::kINT64);
}

// A real signal from the half of its spectrum, whose other half is the conjugate: all bins count twice but the first
// and, for an even length, the last.
Status inverseOfHalf(NodeImport& c, Complex in, ITensor* bins, ITensor* length, const Ints& back) {
    ITensor *one = TRY(c.intScalar(1)), *two = TRY(c.intScalar(2));
    if (!length) length = TRY(c.mul(TRY(c.sub(bins, one)), two));
    ITensor* rows = TRY(c.binary("min", bins, TRY(half(c, length))));
    const int last = c.rank(in.real) - 1;
    const ApiType type = c.type(in.real);
    ITensor* k = TRY(c.countTo(rows));
    ITensor* first = TRY(c.cast(TRY(c.binary("equal", k, TRY(c.intScalar(0)))), ApiType::kINT64));
    ITensor* middle = TRY(c.cast(TRY(c.binary("equal", TRY(c.mul(k, two)), length)), ApiType::kINT64));
    ITensor* times = TRY(c.cast(TRY(c.sub(TRY(c.sub(two, first)), middle)), type));
    const auto weighted = [&](ITensor* t) -> Result<ITensor*> {
        ITensor* cut = TRY(c.op("slice", {t, TRY(c.ints({0})), TRY(c.unsqueeze(rows, {0})), TRY(c.ints({last}))}));
        return c.mul(cut, times);
    };
    const Complex m = TRY(matrix(c, length, rows, length, true, type));
    ITensor* y = TRY(c.matmul(TRY(weighted(in.real)), m.real));
    if (in.imaginary) y = TRY(c.sub(y, TRY(c.matmul(TRY(weighted(in.imaginary)), m.imaginary))));
    y = TRY(c.transpose(TRY(c.div(y, TRY(c.cast(length, type)))), back));
    return c.done(TRY(c.unsqueeze(y, {c.rank(y)})));
}

Status importDft(NodeImport& c) {
    ITensor* x = TRY(c.input(0));
    const int rank = c.rank(x);
    const bool inverse = TRY(c.boolAttr("inverse", false)), oneSided = TRY(c.boolAttr("onesided", false));
    int64_t given = 0;
    if (c.opset() < 20) {
        given = TRY(c.intAttr("axis", 1));
    } else {
        given = -2;
        if (c.has(2)) {
            const Ints axis = TRY(c.ints(2, "axis"));
            if (axis.size() != 1) return c.invalid("input 2 (axis) has {} elements", axis.size());
            given = axis[0];
        }
    }
    const int axis = TRY(c.axis(given, rank));
    if (axis == rank - 1) return c.invalid("axis {} is that of the real and imaginary parts", given);
    Complex in = TRY(parts(c, x));
    // The transformed axis goes last.
    Ints there, back;
    for (int a = 0; a < rank - 1; ++a) {
        if (a != axis) there.push_back(a);
    }
    there.push_back(axis);
    back.resize(there.size());
    for (size_t i = 0; i < there.size(); ++i) back[static_cast<size_t>(there[i])] = static_cast<int64_t>(i);
    in.real = TRY(c.transpose(in.real, there));
    if (in.imaginary) in.imaginary = TRY(c.transpose(in.imaginary, there));
    ITensor* own = TRY(extentOf(c, x, axis));
    ITensor* length = TRY(scalarInput(c, 1));
    if (inverse && oneSided) return inverseOfHalf(c, in, own, length, back);
    ITensor* rows = own;
    if (length) {
        // A longer signal is cut; a shorter one needs no zeros, as the rows that they would meet are left out.
        rows = TRY(c.binary("min", own, length));
        const auto cut = [&](ITensor*& t) -> Status {
            t = TRY(c.op("slice", {t, TRY(c.ints({0})), TRY(c.unsqueeze(length, {0})), TRY(c.ints({rank - 2}))}));
            return {};
        };
        TRY(cut(in.real));
        if (in.imaginary) TRY(cut(in.imaginary));
    } else {
        length = own;
    }
    ITensor* columns = oneSided ? TRY(half(c, length)) : length;
    const Complex m = TRY(matrix(c, length, rows, columns, inverse, c.type(x)));
    Complex y = TRY(product(c, in, m));
    if (inverse) {
        ITensor* divisor = TRY(c.cast(length, c.type(x)));
        y = {TRY(c.div(y.real, divisor)), TRY(c.div(y.imaginary, divisor))};
    }
    return c.done(TRY(join(c, {TRY(c.transpose(y.real, back)), TRY(c.transpose(y.imaginary, back))})));
}

Status importStft(NodeImport& c) {
    ITensor* signal = TRY(c.input(0));
    ITensor* step = TRY(scalarInput(c, 1));
    ITensor* window = TRY(c.optionalInput(2));
    ITensor* length = TRY(scalarInput(c, 3));
    const bool oneSided = TRY(c.boolAttr("onesided", true));
    if (!window && !length) return c.invalid("one of inputs 2 (window) and 3 (frame_length) must be given");
    if (!length) length = TRY(extentOf(c, window, 0));
    if (c.rank(signal) == 2) signal = TRY(c.unsqueeze(signal, {2}));
    if (c.rank(signal) != 3) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_SHAPE, "the signal {} must have 3 dimensions",
                      toString(c.dims(signal)));
    }
    Complex in = TRY(parts(c, signal));
    if (in.imaginary && oneSided) {
        return c.fail(ErrorCode::kUNSUPPORTED_NODE_ATTR, "attribute 'onesided' is 1 for a complex signal");
    }
    // Frame f holds the places f * step, f * step + 1, ...
    ITensor* room = TRY(c.sub(TRY(extentOf(c, signal, 1)), length));
    ITensor* frames = TRY(c.add(TRY(c.binary("floor_div", room, step)), TRY(c.intScalar(1))));
    ITensor* starts = TRY(c.unsqueeze(TRY(c.mul(TRY(c.countTo(frames)), step)), {1}));
    ITensor* places = TRY(c.add(starts, TRY(c.unsqueeze(TRY(c.countTo(length)), {0}))));
    const auto frame = [&](ITensor* t) -> Result<ITensor*> {
        ITensor* cut = TRY(c.gather(t, places, 1));
        return window ? TRY(c.mul(cut, window)) : cut;
    };
    in.real = TRY(frame(in.real));
    if (in.imaginary) in.imaginary = TRY(frame(in.imaginary));
    ITensor* columns = oneSided ? TRY(half(c, length)) : length;
    const Complex m = TRY(matrix(c, length, length, columns, false, c.type(signal)));
    return c.done(TRY(join(c, TRY(product(c, in, m)))));
}

// Triangular filters from frequencies to mel bins, computed here: all inputs are settings of the model.
Status importMelWeightMatrix(NodeImport& c) {
    const auto one = [&](int i, const char* what) -> Result<double> {
        std::vector<double> values;
        if (c.constant(i) &&
            (c.constant(i)->dataType == DataType::kInt32 || c.constant(i)->dataType == DataType::kInt64)) {
            const Ints integers = TRY(c.ints(i, what));
            values.assign(integers.begin(), integers.end());
        } else {
            values = TRY(c.reals(i, what));
        }
        if (values.size() != 1) return c.invalid("input {} ({}) has {} elements", i, what, values.size());
        return values[0];
    };
    const double bins = TRY(one(0, "num_mel_bins")), length = TRY(one(1, "dft_length"));
    const double rate = TRY(one(2, "sample_rate")), low = TRY(one(3, "lower_edge_hertz"));
    const double high = TRY(one(4, "upper_edge_hertz"));
    const ApiType type = TRY(c.typeAttr("output_datatype", ApiType::kFLOAT));
    if (!(bins >= 1 && bins <= 65536 && length >= 1 && length <= 1 << 26 && rate > 0 && low >= 0 && high >= low)) {
        return c.fail(ErrorCode::kINVALID_NODE,
                      "{} bins, a length of {}, a rate of {}, edges {} and {} make no filters", bins, length, rate, low,
                      high);
    }
    const auto rows = static_cast<int64_t>(length) / 2 + 1, columns = static_cast<int64_t>(bins);
    const auto mel = [](double hertz) { return 2595 * std::log10(1 + hertz / 700); };
    std::vector<int64_t> edges;
    const double width = (mel(high) - mel(low)) / (bins + 2);
    for (int64_t i = 0; i < columns + 2; ++i) {
        const double hertz = 700 * (std::pow(10, (static_cast<double>(i) * width + mel(low)) / 2595) - 1);
        edges.push_back(static_cast<int64_t>(std::floor((length + 1) * hertz / rate)));
    }
    std::vector<float> values(static_cast<size_t>(rows * columns));
    for (int64_t bin = 0; bin < columns; ++bin) {
        const int64_t left = edges[static_cast<size_t>(bin)], middle = edges[static_cast<size_t>(bin) + 1],
                      right = edges[static_cast<size_t>(bin) + 2];
        const auto at = [&](int64_t row) -> float* {
            return row >= 0 && row < rows ? &values[static_cast<size_t>(row * columns + bin)] : nullptr;
        };
        if (left == middle) {
            if (float* v = at(middle)) *v = 1;
        } else {
            for (int64_t row = left; row <= middle; ++row) {
                if (float* v = at(row)) *v = static_cast<float>(row - left) / static_cast<float>(middle - left);
            }
        }
        for (int64_t row = middle; row < right; ++row) {
            if (float* v = at(row)) *v = static_cast<float>(right - row) / static_cast<float>(right - middle);
        }
    }
    return c.done(TRY(c.cast(TRY(c.floats({rows, columns}, values)), type)));
}

}  // namespace

LATHE_ONNX_OPS(fourier,                   //
               {"", "DFT", importDft},    //
               {"", "STFT", importStft},  //
               {"", "MelWeightMatrix", importMelWeightMatrix})

}  // namespace lathe::onnx
