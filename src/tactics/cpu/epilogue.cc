// SPDX-License-Identifier: Apache-2.0
#include "tactics/cpu/epilogue.h"

namespace lathe::tactics {

Result<cpu::Epilogue> makeEpilogue(const EpilogueMatch& match, int64_t channels, const PrepareContext& c,
                                   std::vector<float>& storage) {
    cpu::Epilogue e;
    e.residualAfter = match.residualAfter;
    e.activation = match.activation;
    e.alpha = match.alpha;
    e.beta = match.beta;
    if (match.bias) {
        auto bytes = TRY(c.weights(*match.bias));
        const auto* values = reinterpret_cast<const float*>(bytes.data());
        int64_t count = static_cast<int64_t>(bytes.size() / sizeof(float));
        if (count == channels) {
            e.bias = values;
        } else if (count == 1) {
            storage.assign(static_cast<size_t>(channels), values[0]);
            e.bias = storage.data();
        } else {
            return internalError("a bias of {} values for {} channels", count, channels);
        }
    }
    return e;
}

}  // namespace lathe::tactics
