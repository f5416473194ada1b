// SPDX-License-Identifier: Apache-2.0
// Running a prepared program whose steps are spread over streams.
#include "exec/prepared.h"

namespace lathe::exec {

Status AuxStreams::reserve(int count) {
    while (static_cast<int>(own_.size()) < count) own_.push_back(TRY(device_->makeStream()));
    return {};
}

Status Prepared::makeEvents() {
    const StreamOrder* order = program_.order();
    if (!order || !env_.aux) return {};
    TRY(env_.aux->reserve(order->streams - 1));
    start_ = TRY(env_.device->makeEvent());
    made_.resize(order->awaited.size());
    for (size_t s = 0; s < made_.size(); ++s)
        if (order->awaited[s]) made_[s] = TRY(env_.device->makeEvent());
    done_.resize(static_cast<size_t>(order->streams));
    for (size_t k = 1; k < done_.size(); ++k) done_[k] = TRY(env_.device->makeEvent());
    return {};
}

// Where the items' work goes from now on: `main`, and where this run is spread the context's streams beside it, or
// those of its own alone.
void Prepared::setLanes(device::StreamHandle main, bool ownOnly) {
    nextLanes_.assign(static_cast<size_t>(program_.streams()), main);
    for (size_t k = 1; spread_ && k < nextLanes_.size(); ++k) {
        int i = static_cast<int>(k) - 1;
        nextLanes_[k] = ownOnly ? env_.aux->own(i) : env_.aux->at(i);
    }
    stream_ = main;
    if (nextLanes_ == lanes_) return;
    lanes_.swap(nextLanes_);
    for (Item& i : items_) i.args.stream = lanes_[laneOf(i)];
}

Status Prepared::runSpread() {
    const StreamOrder& order = *program_.order();
    forked_.assign(lanes_.size(), false);
    Status status = putSpread(order);
    // After a failure too: what is in the streams uses this run's memory, and may belong to a capture that goes on.
    for (size_t k = 1; k < lanes_.size(); ++k) {
        if (!(status.ok() ? order.joined[k] : forked_[k])) continue;
        Status joined = done_[k]->record(lanes_[k]);
        if (joined.ok()) joined = done_[k]->wait(lanes_[0]);
        if (status.ok()) status = std::move(joined);
    }
    return status;
}

Status Prepared::putSpread(const StreamOrder& order) {
    if (order.startAwaited) TRY(start_->record(lanes_[0]));
    for (int s : program_.blocks()[0].steps) {
        size_t i = static_cast<size_t>(s);
        Item& item = items_[i];
        size_t lane = laneOf(item);
        for (int w : order.waits[i])
            TRY((w == StreamOrder::kStart ? start_ : made_[static_cast<size_t>(w)])->wait(lanes_[lane]));
        forked_[lane] = true;
        Status status = item.kernel->run(item.args);
        if (!status.ok()) return status.prefix(fmt::format("step '{}'", program_.steps()[i].step->name));
        if (order.awaited[i]) TRY(made_[i]->record(lanes_[lane]));
    }
    return {};
}

}  // namespace lathe::exec
