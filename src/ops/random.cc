// SPDX-License-Identifier: Apache-2.0
#include "ops/random.h"

#include <atomic>
#include <random>

namespace lathe::ops {

Philox randomStream(int64_t seed) {
    if (seed != 0) return Philox(static_cast<uint64_t>(seed));
    static std::atomic<uint64_t> next = [] {
        std::random_device device;
        return uint64_t{device()} << 32 | device();
    }();
    return Philox(next.fetch_add(1));
}

Result<Shape> randomShape(InferContext& c, const std::vector<int64_t>& attribute) {
    Shape shape(attribute.begin(), attribute.end());
    if (c.inputCount() > 0 && c.has(0)) shape = TRY(shapeInput(c, 0));
    for (const Dim& d : shape)
        if (d.isConstant() && d.value() < 0)
            return invalidArgument("a negative extent in the shape {}", ir::toString(shape));
    return shape;
}

}  // namespace lathe::ops
