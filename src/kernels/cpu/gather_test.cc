// SPDX-License-Identifier: Apache-2.0
#include "kernels/cpu/gather.h"

#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <vector>

#include "kernels/cpu/test_floats.h"

namespace lathe::cpu {
namespace {

using Ints = std::vector<int64_t>;

int64_t product(const Ints& v) { return std::accumulate(v.begin(), v.end(), int64_t{1}, std::multiplies<>()); }

Ints randomIndices(int64_t count, int64_t n, unsigned seed) {
    std::mt19937 rng(seed);
    Ints v(count);
    for (auto& i : v) i = static_cast<int64_t>(rng() % (2 * n)) - n;
    return v;
}
int64_t wrap(int64_t i, int64_t n) { return i < 0 ? i + n : i; }

Ints unflatten(int64_t flat, const Ints& dims) {
    Ints at(dims.size());
    for (size_t d = dims.size(); d-- > 0;) at[d] = flat % dims[d], flat /= dims[d];
    return at;
}
int64_t flatten(const Ints& at, const Ints& dims) {
    int64_t flat = 0;
    for (size_t d = 0; d < dims.size(); ++d) flat = flat * dims[d] + at[d];
    return flat;
}

template <class T>
std::vector<T> ramp(int64_t n) {
    std::vector<T> v(n);
    for (int64_t i = 0; i < n; ++i) v[i] = static_cast<T>(i * 7 + 3);
    return v;
}

template <class T>
void checkGather() {
    for (int64_t inner : {1, 2, 3, 50}) {
        const int64_t batch = 2, outer = 3, n = 5, count = 7;
        std::vector<T> x = ramp<T>(batch * outer * n * inner), y(batch * outer * count * inner);
        Ints index = randomIndices(batch * count, n, 3);
        std::vector<int32_t> narrow(index.begin(), index.end());
        for (bool small : {false, true}) {
            GatherArgs a;
            a.x = x.data(), a.y = y.data();
            a.index = small ? static_cast<void*>(narrow.data()) : index.data();
            a.indexType = small ? DType::kInt32 : DType::kInt64;
            a.batch = batch, a.outer = outer, a.n = n, a.inner = inner, a.indices = count, a.elementBytes = sizeof(T);
            ASSERT_TRUE(gather(a).ok());
            for (int64_t b = 0; b < batch; ++b)
                for (int64_t o = 0; o < outer; ++o)
                    for (int64_t i = 0; i < count; ++i)
                        for (int64_t k = 0; k < inner; ++k)
                            ASSERT_EQ(y[((b * outer + o) * count + i) * inner + k],
                                      x[((b * outer + o) * n + wrap(index[b * count + i], n)) * inner + k]);
        }
    }
}

TEST(Gather, Rows) {
    checkGather<uint8_t>();
    checkGather<uint16_t>();
    checkGather<uint32_t>();
    checkGather<uint64_t>();
}

TEST(Gather, BadIndicesAreErrors) {
    std::vector<float> x(10), y(10);
    for (int64_t wrong : {int64_t{5}, int64_t{-6}, INT64_MAX, INT64_MIN}) {
        Ints index = {0, wrong, 1};
        GatherArgs g;
        g.x = x.data(), g.y = y.data(), g.index = index.data(), g.n = 5, g.indices = 3;
        Status s = gather(g);
        EXPECT_EQ(s.code(), Code::kFailedComputation);
        EXPECT_NE(s.message().find("index 1 is"), std::string::npos) << s.message();
        Ints dims = {5}, indexDims = {3};
        GatherElementsArgs e;
        e.x = x.data(), e.y = y.data(), e.index = index.data(), e.dims = dims, e.indexDims = indexDims;
        EXPECT_FALSE(gatherElements(e).ok());
        GatherNdArgs nd;
        nd.x = x.data(), nd.y = y.data(), nd.index = index.data(), nd.dims = dims, nd.tuples = 3;
        EXPECT_FALSE(gatherNd(nd).ok());
        std::vector<float> before = y;
        ScatterElementsArgs se;
        se.x = x.data(), se.y = y.data(), se.updates = x.data(), se.index = index.data(), se.dims = dims,
        se.indexDims = indexDims;
        EXPECT_FALSE(scatterElements(se).ok());
        ScatterNdArgs sn;
        sn.x = x.data(), sn.y = y.data(), sn.updates = x.data(), sn.index = index.data(), sn.dims = dims, sn.tuples = 3;
        EXPECT_FALSE(scatterNd(sn).ok());
        EXPECT_EQ(before, y);
    }
    GatherArgs g;
    g.indexType = DType::kFloat;
    EXPECT_FALSE(gather(g).ok());
}

TEST(Gather, Elements) {
    for (int axis : {0, 1, 2})
        for (int bytes : {1, 2, 4, 8}) {
            Ints dims = {4, 5, 6}, indexDims = {3, 5, 4};
            indexDims[axis] = 8;
            Ints index = randomIndices(product(indexDims), dims[axis], 5);
            std::vector<uint8_t> x(product(dims) * bytes), y(product(indexDims) * bytes);
            for (size_t i = 0; i < x.size(); ++i) x[i] = static_cast<uint8_t>(i * 31 + i / 256);
            GatherElementsArgs a;
            a.x = x.data(), a.y = y.data(), a.index = index.data();
            a.dims = dims, a.indexDims = indexDims, a.axis = axis, a.elementBytes = bytes;
            ASSERT_TRUE(gatherElements(a).ok());
            for (int64_t p = 0; p < product(indexDims); ++p) {
                Ints at = unflatten(p, indexDims);
                at[axis] = wrap(index[p], dims[axis]);
                ASSERT_EQ(std::memcmp(&y[p * bytes], &x[flatten(at, dims) * bytes], bytes), 0);
            }
        }
    Ints dims = {4}, big = {4, 1};
    GatherElementsArgs a;
    a.dims = dims, a.indexDims = big;
    EXPECT_FALSE(gatherElements(a).ok());
}

TEST(Gather, Nd) {
    for (int batchDims : {0, 1})
        for (int depth : {0, 1, 2, 3}) {
            Ints dims = {3, 4, 5, 2};
            if (batchDims + depth > 4) continue;
            int64_t batch = batchDims ? 3 : 1, tuples = 6;
            Ints index;
            std::mt19937 rng(1);
            for (int64_t t = 0; t < batch * tuples; ++t)
                for (int d = 0; d < depth; ++d) {
                    int64_t n = dims[batchDims + d];
                    index.push_back(static_cast<int64_t>(rng() % (2 * n)) - n);
                }
            int64_t slice = 1;
            for (int d = batchDims + depth; d < 4; ++d) slice *= dims[d];
            std::vector<float> x = ramp<float>(product(dims)), y(batch * tuples * slice);
            GatherNdArgs a;
            a.x = x.data(), a.y = y.data(), a.index = index.data();
            a.dims = dims, a.batchDims = batchDims, a.tuples = tuples, a.depth = depth;
            ASSERT_TRUE(gatherNd(a).ok());
            for (int64_t t = 0; t < batch * tuples; ++t)
                for (int64_t s = 0; s < slice; ++s) {
                    int64_t at = batchDims ? t / tuples : 0;
                    for (int d = 0; d < depth; ++d)
                        at = at * dims[batchDims + d] + wrap(index[t * depth + d], dims[batchDims + d]);
                    ASSERT_EQ(y[t * slice + s], x[at * slice + s]) << depth;
                }
        }
}

double reduce(ScatterReduction r, double a, double b) {
    switch (r) {
        case ScatterReduction::kAdd: return a + b;
        case ScatterReduction::kMul: return a * b;
        case ScatterReduction::kMax: return std::max(a, b);
        case ScatterReduction::kMin: return std::min(a, b);
        default: return b;
    }
}

TEST(Scatter, Elements) {
    for (DType type : {DType::kFloat, DType::kHalf, DType::kBf16, DType::kInt8, DType::kInt32, DType::kInt64})
        for (int r = 0; r < 5; ++r)
            for (int axis : {0, 1}) {
                Ints dims = {6, 5}, indexDims = {4, 4};
                Ints index = randomIndices(product(indexDims), dims[axis], 2);
                // Small whole numbers: exact in every type.
                FloatBuffer x(type, 30), updates(type, 16), y(type, 30);
                for (int i = 0; i < 30; ++i) x.set(i, static_cast<float>(i % 3 + 1));
                for (int i = 0; i < 16; ++i) updates.set(i, static_cast<float>(i % 2 + 1));
                std::vector<double> want(30);
                for (int i = 0; i < 30; ++i) want[i] = x[i];
                auto op = static_cast<ScatterReduction>(r);
                for (int64_t p = 0; p < 16; ++p) {
                    Ints at = unflatten(p, indexDims);
                    at[axis] = wrap(index[p], dims[axis]);
                    double& to = want[flatten(at, dims)];
                    to = reduce(op, to, updates[p]);
                }
                ScatterElementsArgs a;
                a.type = type, a.x = x.data(), a.y = y.data(), a.index = index.data(), a.updates = updates.data();
                a.dims = dims, a.indexDims = indexDims, a.axis = axis, a.reduction = op;
                ASSERT_TRUE(scatterElements(a).ok());
                for (int i = 0; i < 30; ++i) ASSERT_EQ(y[i], want[i]) << toString(type) << " " << r;
            }
}

TEST(Scatter, NdInPlace) {
    for (int r = 0; r < 5; ++r)
        for (int depth : {1, 2, 3}) {
            Ints dims = {4, 3, 5};
            const int64_t tuples = 7;
            Ints index;
            std::mt19937 rng(4);
            for (int64_t t = 0; t < tuples; ++t)
                for (int d = 0; d < depth; ++d) index.push_back(static_cast<int64_t>(rng() % (2 * dims[d])) - dims[d]);
            int64_t slice = 1;
            for (int d = depth; d < 3; ++d) slice *= dims[d];
            std::vector<int32_t> x = ramp<int32_t>(60), updates = ramp<int32_t>(tuples * slice), want = x;
            auto op = static_cast<ScatterReduction>(r);
            for (int64_t t = 0; t < tuples; ++t)
                for (int64_t s = 0; s < slice; ++s) {
                    int64_t at = 0;
                    for (int d = 0; d < depth; ++d) at = at * dims[d] + wrap(index[t * depth + d], dims[d]);
                    int32_t& to = want[at * slice + s];
                    to = static_cast<int32_t>(static_cast<int64_t>(reduce(op, to, updates[t * slice + s])));
                }
            ScatterNdArgs a;
            a.type = DType::kInt32, a.x = x.data(), a.y = x.data(), a.index = index.data(), a.updates = updates.data();
            a.dims = dims, a.tuples = tuples, a.depth = depth, a.reduction = op;
            ASSERT_TRUE(scatterNd(a).ok());
            ASSERT_EQ(x, want);
        }
    ScatterNdArgs bad;
    bad.type = DType::kBool;
    bad.reduction = ScatterReduction::kAdd;
    Ints dims = {4};
    bad.dims = dims;
    EXPECT_FALSE(scatterNd(bad).ok());
}

}  // namespace
}  // namespace lathe::cpu
