// SPDX-License-Identifier: Apache-2.0
#include "frontends/caffe/layers/common.h"

namespace lathe::caffe {
namespace {

// x / (1 + alpha * mean of the squares in a window of the plane)^beta. The windows are those of average pooling: at the
// border the padding counts.
Result<ITensor*> withinChannel(LayerImport& c, ITensor* x, int64_t size, double alpha, double beta) {
    ITensor* squares = TRY(c.mul(x, x));
    auto* pool = TRY(
        c.made(c.network().addPoolingNd(*squares, nvinfer1::PoolingType::kAVERAGE, TRY(toDims({size, size}))), "pool"));
    pool->setPaddingNd(TRY(toDims({(size - 1) / 2, (size - 1) / 2})));
    pool->setAverageCountExcludesPadding(false);
    ITensor* mean = TRY(c.set(pool));
    ITensor* divisor = TRY(c.layer(c.network().addScaleNd(*mean, nvinfer1::ScaleMode::kUNIFORM, number(c, 1, 0),
                                                          number(c, alpha, 1), number(c, -beta, 1), 1),
                                   "power"));
    return c.mul(x, divisor);
}

Status importLrn(LayerImport& c) {
    TRY(c.expectOneToOne());
    const Value x = TRY(c.bottom(0));
    Params& p = c.params("lrn_param");
    const int64_t size = TRY(p.integer("local_size", 5, 1, std::numeric_limits<int32_t>::max()));
    const double alpha = TRY(p.real("alpha", 1)), beta = TRY(p.real("beta", 0.75f));
    const bool within = TRY(p.choice("norm_region", 0, {"ACROSS_CHANNELS", "WITHIN_CHANNEL"})) == 1;
    const double k = TRY(p.real("k", 1));
    if (size % 2 == 0) return invalidArgument("{} is {}; it must be odd", p.place("local_size"), size);
    if (c.rank(x.tensor) != 4) return unsupported("data {}; 4 dimensions are supported", toString(c.dims(x.tensor)));
    if (within) return c.done(TRY(withinChannel(c, x.tensor, size, alpha, beta)), x.rank);
    return c.done(TRY(c.layer(c.network().addLRN(*x.tensor, size, static_cast<float>(alpha), static_cast<float>(beta),
                                                 static_cast<float>(k)),
                              "lrn", true)),
                  x.rank);
}

}  // namespace

LATHE_CAFFE_LAYERS(lrn, {"LRN", "LRN", importLrn})

}  // namespace lathe::caffe
