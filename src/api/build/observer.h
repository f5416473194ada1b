// SPDX-License-Identifier: Apache-2.0
// A build's messages and progress, handed on to the user's logger and monitor.
#pragma once

#include <string>
#include <vector>

#include "api/common/report.h"
#include "builder/builder.h"

namespace lathe::api {

class BuildObserver final : public builder::Observer {
  public:
    BuildObserver(const Reporter& reporter, nvinfer1::IProgressMonitor* monitor)
        : reporter_(reporter), monitor_(monitor) {}
    // Finishes the phases that an error left open, innermost first.
    ~BuildObserver() override;

    void log(Severity severity, const std::string& message) override;
    void phaseStart(const char* phase, const char* parent, int steps) override;
    bool step(const char* phase, int step) override;
    void phaseFinish(const char* phase) override;

  private:
    const Reporter& reporter_;
    nvinfer1::IProgressMonitor* monitor_;
    std::vector<std::string> open_;
};

}  // namespace lathe::api
