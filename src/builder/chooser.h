// SPDX-License-Identifier: Apache-2.0
// Somebody else's say in which tactics are taken (nvinfer1::IAlgorithmSelector). What a tactic covers is then settled
// by estimates alone, so that the same network always asks the same questions: a problem for each step of the plan but
// reorders and control flow, and one answer in the end.
#pragma once

#include <map>

#include "builder/cover.h"
#include "plan/shape_range.h"

namespace lathe::builder {

class Chooser {
  public:
    virtual ~Chooser() = default;
    struct Problem {
        std::string name;  // of the step; unique in a build
        struct Operand {
            DType dtype = DType::kFloat;
            ir::Dims min, opt, max;
        };
        std::vector<Operand> operands;  // inputs, then outputs
        int inputs = 0;
    };
    struct Choice {
        int64_t implementation = 0, tactic = 0;  // which tactic, and which of its candidates; alike in every build
        std::string tacticId;
        bool lastResort = false;
        double seconds = 0;
        int64_t workspaceBytes = 0;
        std::vector<tactics::Layout> layouts;  // of the problem's operands
    };
    // Which of the choices may be taken, as indices; none: any.
    virtual Result<std::vector<int>> select(const Problem& problem, const std::vector<Choice>& choices) = 0;
    // What was taken, once, when a plan is complete.
    virtual void report(const std::vector<Problem>& problems, const std::vector<Choice>& choices) = 0;
};

// One build's questions and answers.
class Choosing {
  public:
    explicit Choosing(Chooser& chooser) : chooser_(chooser) {}

    // Leaves of the region's candidates those that may be taken.
    Status restrict(const ir::Region& region, std::vector<TimedCandidate>& candidates, const plan::ShapeRange& shapes,
                    const plan::Placement& placement);
    // After the cover of what restrict() left.
    void note(const Cover& cover);
    void report() const { chooser_.report(problems_, choices_); }

  private:
    using Group = std::vector<const TimedCandidate*>;
    Chooser::Problem describe(const Group& group, const plan::ShapeRange& shapes,
                              std::vector<const ir::Value*>& operands);
    Chooser& chooser_;
    std::map<std::string, int> names_;
    struct Asked {
        Chooser::Problem problem;
        std::vector<const ir::Value*> operands;
    };
    std::map<std::vector<const ir::Node*>, Asked> asked_;  // by the nodes of the step
    std::vector<Chooser::Problem> problems_;
    std::vector<Chooser::Choice> choices_;
};

}  // namespace lathe::builder
