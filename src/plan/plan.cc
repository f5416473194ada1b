// SPDX-License-Identifier: Apache-2.0
#include "plan/plan.h"

namespace lathe::plan {

Result<std::string> packedKey(const tactics::PackedWeights& packed) {
    std::string key = packed.kind;
    for (const ir::Value* v : packed.sources) {
        if (!v->isConstant())
            return internalError("packed weights '{}' have a source that is not constant", packed.kind);
        key += fmt::format("/{:016x}", TRY(v->constant()->contentHash()));
    }
    return key;
}

}  // namespace lathe::plan
