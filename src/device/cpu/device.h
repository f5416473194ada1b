// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "device/device.h"

namespace lathe::device {

// The host itself. Everything happens in the caller's thread, at once.
Device& cpuDevice();

}  // namespace lathe::device
