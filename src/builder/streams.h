// SPDX-License-Identifier: Apache-2.0
// Spreads the steps of a GPU's program over streams (plan::Step::stream), so that branches of the network which do not
// wait for each other run at the same time.
//
// Steps are taken in their order. Each goes where it can begin first, by the seconds that steps took when they were
// chosen: to the stream of what it reads, or to one that is free earlier. Which streams that gives is then judged by
// running it on paper: steps that run at the same time share the GPU, so that together they get no more than all of it.
// How much of it a step fills is the larger of two parts: its largest input or output, an element a thread, of the
// threads that the GPU holds; and the time that its bytes alone take, of its seconds. Waiting for another stream costs
// time too. Unless the caller said how many streams there are to be, one more is used as long as that saves a tenth of
// the whole time: large networks whose steps fill the GPU, and those that are chains, stay in one.
#pragma once

#include <span>

#include "plan/shape_range.h"

namespace lathe::builder {

struct StreamStep {
    double seconds = 0;
    double fill = 1;         // of the GPU, up to 1
    std::vector<int> after;  // earlier steps whose results it reads
    bool stays = false;      // in stream 0
    bool isView = false;     // runs nothing
};

// By step: its stream. `most`: streams beside the first at most; -1: as many as pay off.
std::vector<int> chooseStreams(std::span<const StreamStep> steps, int most);
// How long the steps take in these streams.
double secondsIn(std::span<const StreamStep> steps, std::span<const int> streams);

// Leaves a program in one stream that must be (exec::whyOneStream).
Status spreadSteps(plan::Program& program, const plan::ShapeRange& shapes, int most);

}  // namespace lathe::builder
