// SPDX-License-Identifier: Apache-2.0
#include "api/run/plugin_adapter.h"

#include <cstdlib>

#include "tactics/plugin_format.h"

namespace lathe::api {

using namespace nvinfer1;

namespace {

// Calls of supports() after which the search for combinations ends.
constexpr int kMostQuestions = 20'000;

PluginTensorDesc describeTensor(DType type, const ir::Dims& dims, int64_t format) {
    PluginTensorDesc d{};
    d.dims = toApi(dims);
    d.type = toApi(type);
    d.format = static_cast<TensorFormat>(format);
    d.scale = -1.f;
    return d;
}

}  // namespace

void* PluginResources::allocate(uint64_t size, uint64_t alignment, AllocatorFlags) noexcept {
    uint64_t unit = alignment > 64 ? alignment : 64;
    if ((unit & (unit - 1)) != 0 || size > UINT64_MAX / 2) return nullptr;
    return memory_ ? memory_->allocate(size, unit) : std::aligned_alloc(unit, (size + unit) / unit * unit);
}

bool PluginResources::deallocate(void* memory) noexcept {
    if (memory_)
        memory_->free(memory);
    else
        std::free(memory);
    return true;
}

PluginTensorDesc toDesc(const ops::PluginTensor& t) { return describeTensor(t.dtype, t.dims, t.format); }
PluginTensorDesc toDesc(const ops::PluginRange& r) { return describeTensor(r.dtype, r.dims, r.format); }

DynamicPluginTensorDesc toDynamic(const ops::PluginRange& r) {
    DynamicPluginTensorDesc d{};
    d.desc = toDesc(r);
    d.min = toApi(r.min);
    d.max = toApi(r.max);
    d.opt = toApi(r.opt);
    return d;
}

DynamicPluginTensorDesc toDynamic(const ops::PluginTensor& t) {
    return toDynamic(ops::PluginRange{t.dtype, t.dims, t.dims, t.dims, t.dims, t.format});
}

std::vector<DataType> typesOf(std::span<const ir::TensorType> inputs) {
    std::vector<DataType> out;
    for (const ir::TensorType& t : inputs) out.push_back(toApi(t.dtype));
    return out;
}

std::vector<std::vector<int64_t>> AdaptedPlugin::combinations(std::span<const ops::PluginRange> inputs,
                                                              std::span<const ops::PluginRange> outputs, int limit) {
    std::vector<ops::PluginRange> tensors(inputs.begin(), inputs.end());
    tensors.insert(tensors.end(), outputs.begin(), outputs.end());
    std::vector<std::vector<int64_t>> possible;  // by tensor
    for (const ops::PluginRange& t : tensors) {
        ir::Shape shape;
        for (int64_t d : t.dims) shape.push_back(d < 0 ? ir::Dim::symbol(0) : ir::Dim(d));
        auto& list = possible.emplace_back();
        for (int64_t f : tactics::kPluginFormats)
            if (tactics::layoutOfPluginFormat(f, t.dtype, shape)) list.push_back(f);
    }
    std::vector<std::vector<int64_t>> found;
    std::vector<size_t> at(tensors.size(), 0);
    std::lock_guard lock(mutex_);
    // Depth first, so that combinations come in the order of the formats.
    size_t pos = 0;
    for (int asked = 0; asked < kMostQuestions && static_cast<int>(found.size()) < limit;) {
        if (pos == tensors.size()) {
            auto& formats = found.emplace_back();
            for (const ops::PluginRange& t : tensors) formats.push_back(t.format);
            if (pos == 0) break;
            --pos;
            ++at[pos];
            continue;
        }
        if (at[pos] >= possible[pos].size()) {
            at[pos] = 0;
            if (pos == 0) break;
            --pos;
            ++at[pos];
            continue;
        }
        tensors[pos].format = possible[pos][at[pos]];
        ++asked;
        bool fits = (!oneFormat() || pos == 0 || tensors[pos].format == tensors[0].format) &&
                    supports(static_cast<int>(pos), tensors, static_cast<int>(inputs.size()));
        if (fits)
            ++pos;
        else
            ++at[pos];
    }
    return found;
}

}  // namespace lathe::api
