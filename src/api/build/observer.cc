// SPDX-License-Identifier: Apache-2.0
#include "api/build/observer.h"

#include <algorithm>

namespace lathe::api {

BuildObserver::~BuildObserver() {
    while (!open_.empty()) {
        if (monitor_) monitor_->phaseFinish(open_.back().c_str());
        open_.pop_back();
    }
}

void BuildObserver::log(Severity severity, const std::string& message) {
    using To = nvinfer1::ILogger::Severity;
    static constexpr To kTo[] = {To::kERROR, To::kWARNING, To::kINFO, To::kVERBOSE};
    reporter_.log(kTo[static_cast<int>(severity)], message);
}

void BuildObserver::phaseStart(const char* phase, const char* parent, int steps) {
    open_.push_back(phase);
    if (monitor_) monitor_->phaseStart(phase, parent, std::max(steps, 1));
}

bool BuildObserver::step(const char* phase, int step) { return !monitor_ || monitor_->stepComplete(phase, step); }

void BuildObserver::phaseFinish(const char* phase) {
    std::erase(open_, phase);
    if (monitor_) monitor_->phaseFinish(phase);
}

}  // namespace lathe::api
