// SPDX-License-Identifier: Apache-2.0
// Nodes of a network's source that became no layer (lathe::noteSource), so that explanations can name them. Beside the
// networks, as little else needs them.
#pragma once

#include <string>
#include <vector>

namespace lathe::api {

class Network;

// In the order in which they were noted, each once.
std::vector<std::string> notedSources(const Network& network);
void forgetSources(const Network& network) noexcept;

}  // namespace lathe::api
