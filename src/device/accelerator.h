// SPDX-License-Identifier: Apache-2.0
// A device with memory of its own, and work that is put into streams: what exec, builder and runtime know of a GPU.
#pragma once

#include <functional>

#include "device/device.h"

namespace lathe::device {

// A stream of one's own, independent of the default stream.
class Stream {
  public:
    virtual ~Stream() = default;
    virtual StreamHandle handle() const = 0;
};

// A point in a stream that other streams can wait for.
class Event {
  public:
    virtual ~Event() = default;
    virtual Status record(StreamHandle stream) = 0;
    // What is put into `stream` from now on waits for the point that was recorded last, and for all before it in its
    // stream.
    virtual Status wait(StreamHandle stream) = 0;
};

// Work that was recorded once, to be run again and again with the addresses of the recording.
class Recording {
  public:
    virtual ~Recording() = default;
    virtual Status launch(StreamHandle stream) = 0;
};

class Accelerator : public Device {
  public:
    // Of the code that it runs: 90 for a GPU of compute capability 9.0.
    virtual int architecture() const = 0;
    virtual Result<std::unique_ptr<Stream>> makeStream() = 0;
    virtual Result<std::unique_ptr<Event>> makeEvent() = 0;
    // Waits for the work of all streams: for where a stream may be gone by now.
    virtual Status synchronizeAll() = 0;
    // Where an address lies. Memory that the device does not know is the host's.
    virtual Result<Place> placeOf(const void* p) const = 0;
    // Whether what is put into the stream is recorded by somebody now, rather than run.
    virtual Result<bool> isCapturing(StreamHandle stream) const = 0;
    // What `work` puts into the stream, which is one of makeStream's; nothing of it runs. Other streams that wait for
    // an event of it are recorded too, from there on, and it must wait for them at its end. Refused (kUnsupported) by
    // devices that cannot.
    virtual Result<std::unique_ptr<Recording>> record(StreamHandle stream, const std::function<Status()>& work) = 0;

    // Makes the device current in this thread; leave() wants what this returns. See Current.
    virtual void* enter() = 0;
    virtual void leave(void* before) = 0;
};

// A device is current in this thread for as long as this lives: kernels are launched inside of one. Null is allowed.
class Current {
  public:
    explicit Current(Accelerator* device) : device_(device), before_(device ? device->enter() : nullptr) {}
    ~Current() {
        if (device_) device_->leave(before_);
    }
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;

  private:
    Accelerator* device_;
    void* before_;
};

}  // namespace lathe::device
