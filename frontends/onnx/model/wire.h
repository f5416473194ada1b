// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frontends/common/wire.h"

namespace lathe::onnx {

using frontends::Field;
using frontends::readVarint;
using frontends::WireReader;
using frontends::WireType;

}  // namespace lathe::onnx
