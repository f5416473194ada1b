// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frontends/common/blob.h"

namespace lathe::onnx {

using frontends::Blob;
using frontends::borrow;
using frontends::copyOf;
using frontends::mapFile;
using frontends::take;

}  // namespace lathe::onnx
