// SPDX-License-Identifier: Apache-2.0
// Layers that compute nothing, and those that belong to training.
#include "frontends/caffe/layers/common.h"

namespace lathe::caffe {
namespace {

Status importInput(LayerImport& c) {
    TRY(c.expectBottoms(0, 0));
    TRY(c.expectTops(1, std::numeric_limits<int>::max()));
    const auto shapes = TRY(c.params("input_param").messages("shape"));
    if (shapes.empty()) return invalidArgument("shape is missing in input_param");
    const auto tops = static_cast<size_t>(c.topCount());
    if (shapes.size() != 1 && shapes.size() != tops) {
        return invalidArgument("{} shapes for {} tops", shapes.size(), tops);
    }
    for (size_t i = 0; i < tops; ++i) {
        const Ints extents = TRY(readShape(*shapes[shapes.size() == 1 ? 0 : i]));
        TRY(c.top(static_cast<int>(i), TRY(c.session().addInput(c.spec().tops[i], extents))));
    }
    return {};
}

// Dropout does nothing when a network is run; Split copies, which a network needs no copies for. Tops with names of
// their own get tensors of their own.
Status importCopy(LayerImport& c) {
    TRY(c.expectBottoms(1, 1));
    c.params("dropout_param").ignore("dropout_ratio");
    const Value x = TRY(c.bottom(0));
    for (int i = 0; i < c.topCount(); ++i) {
        ITensor* y = x.tensor;
        if (c.spec().tops[static_cast<size_t>(i)] != c.spec().bottoms[0]) {
            y = TRY(c.layer(c.network().addIdentity(*y), "copy", i == 0));
        }
        TRY(c.top(i, {y, x.rank}));
    }
    return {};
}

Status importDropout(LayerImport& c) {
    TRY(c.expectOneToOne());
    return importCopy(c);
}

Status importSilence(LayerImport& c) { return c.expectTops(0, 0); }

constexpr const char* kReadsData =
    "they read training data; a deployed network has a layer of type Input, or the fields input and input_shape, "
    "instead";
constexpr const char* kLoss = "they compute a loss for training; a deployed network ends before them";

}  // namespace

LATHE_CAFFE_LAYERS(plumbing,                                                 //
                   {"Input", nullptr, importInput},                          //
                   {"Dropout", "DROPOUT", importDropout},                    //
                   {"Split", "SPLIT", importCopy},                           //
                   {"Silence", "SILENCE", importSilence},                    //
                   {"Data", "DATA", nullptr, kReadsData},                    //
                   {"ImageData", "IMAGE_DATA", nullptr, kReadsData},         //
                   {"HDF5Data", "HDF5_DATA", nullptr, kReadsData},           //
                   {"MemoryData", "MEMORY_DATA", nullptr, kReadsData},       //
                   {"DummyData", "DUMMY_DATA", nullptr, kReadsData},         //
                   {"WindowData", "WINDOW_DATA", nullptr, kReadsData},       //
                   {"SoftmaxWithLoss", "SOFTMAX_LOSS", nullptr, kLoss},      //
                   {"EuclideanLoss", "EUCLIDEAN_LOSS", nullptr, kLoss},      //
                   {"HingeLoss", "HINGE_LOSS", nullptr, kLoss},              //
                   {"ContrastiveLoss", "CONTRASTIVE_LOSS", nullptr, kLoss},  //
                   {"Accuracy", "ACCURACY", nullptr, kLoss})

}  // namespace lathe::caffe
