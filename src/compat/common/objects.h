// SPDX-License-Identifier: Apache-2.0
// Tensors, layers and the network of the older API: each stands for one of the library's (`real`), and keeps only what
// that has no place for.
//
// An implicit batch is a first dimension of extent -1 that the older API does not show: shapes lose it, axes are
// counted after it. A value that does not depend on the batch (a constant) has extent 1 there.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "compat/common/callbacks.h"

namespace lathe::compat {

class Network;

class Tensor final : public old::ITensor {
  public:
    Tensor(Network& network, v10::ITensor& real) : network_(network), real_(real) {}
    static Tensor& of(old::ITensor& t) { return static_cast<Tensor&>(t); }
    v10::ITensor& real() const { return real_; }
    // The shape, the batch included.
    v10::Dims fullDims() const;

    void setName(char const* name) noexcept override { real_.setName(name); }
    char const* getName() const noexcept override { return real_.getName(); }
    void setDimensions(old::Dims dims) noexcept override;
    old::Dims getDimensions() const noexcept override;
    // kHALF and kINT8 for inputs and outputs of floats are a matter of the interface alone, as it was before networks
    // could be strongly typed: the values are converted there, int8 by the tensor's dynamic range.
    void setType(old::DataType type) noexcept override;
    old::DataType getType() const noexcept override {
        return narrowed_ ? interface_ : toOld<old::DataType>(real_.getType());
    }
    bool narrowed() const { return narrowed_; }
    bool setDynamicRange(float min, float max) noexcept override { return real_.setDynamicRange(min, max); }
    bool isNetworkInput() const noexcept override { return real_.isNetworkInput(); }
    bool isNetworkOutput() const noexcept override { return real_.isNetworkOutput(); }
    void setBroadcastAcrossBatch(bool broadcast) noexcept override;
    bool getBroadcastAcrossBatch() const noexcept override { return broadcast_; }
    old::TensorLocation getLocation() const noexcept override {
        return toOld<old::TensorLocation>(real_.getLocation());
    }
    void setLocation(old::TensorLocation location) noexcept override { real_.setLocation(toNew(location)); }
    bool dynamicRangeIsSet() const noexcept override { return real_.dynamicRangeIsSet(); }
    void resetDynamicRange() noexcept override { real_.resetDynamicRange(); }
    float getDynamicRangeMin() const noexcept override { return real_.getDynamicRangeMin(); }
    float getDynamicRangeMax() const noexcept override { return real_.getDynamicRangeMax(); }
    void setAllowedFormats(old::TensorFormats formats) noexcept override { real_.setAllowedFormats(formats); }
    old::TensorFormats getAllowedFormats() const noexcept override { return real_.getAllowedFormats(); }
    bool isShapeTensor() const noexcept override { return real_.isShapeTensor(); }
    bool isExecutionTensor() const noexcept override { return real_.isExecutionTensor(); }
#if LATHE_TRT < 8
    float getDynamicRange() const noexcept override;
#else
    void setDimensionName(int32_t index, char const* name) noexcept override;
    char const* getDimensionName(int32_t index) const noexcept override;
#endif

  private:
    Network& network_;
    v10::ITensor& real_;
    bool broadcast_ = false, narrowed_ = false;
    old::DataType interface_ = old::DataType::kFLOAT;
};

// What all layers have, whatever their interface.
class Layer {
  public:
    Layer(Network& network, v10::ILayer& main);
    virtual ~Layer() = default;
    virtual old::ILayer& api() = 0;
    // Brings in order what depends on other layers and their shapes. False, with an error, when that cannot be done.
    virtual bool settle() { return true; }
    // Whether nothing is missing that the application must still set; reports what is.
    virtual bool complete() { return true; }

    Network& network() const { return network_; }
    v10::ILayer& main() const { return main_; }

    // The older API's view of inputs and outputs, where it differs from that of `main`.
    virtual int32_t inputs() const { return main_.getNbInputs(); }
    virtual Tensor* input(int32_t index) const;
    virtual int32_t outputs() const { return main_.getNbOutputs(); }
    virtual Tensor* output(int32_t index) const;
    virtual void connect(int32_t index, Tensor& tensor);
    virtual old::LayerType type() const { return toOld<old::LayerType>(main_.getType()); }

  protected:
    // The number of dimensions that the older API does not show.
    int offset() const;

    Network& network_;
    v10::ILayer& main_;
    std::unordered_map<int32_t, Tensor*> connected_;  // inputs that `main` has in another form
};

template <class Old, class New>
class LayerOf : public Old, public Layer {
  public:
    LayerOf(Network& network, New& real) : Layer(network, real), real_(real) {}
    old::ILayer& api() override { return *this; }
    New& in() const { return real_; }

    old::LayerType getType() const noexcept override { return type(); }
    void setName(char const* name) noexcept override { main_.setName(name); }
    char const* getName() const noexcept override { return main_.getName(); }
    int32_t getNbInputs() const noexcept override { return inputs(); }
    old::ITensor* getInput(int32_t index) const noexcept override { return input(index); }
    int32_t getNbOutputs() const noexcept override { return outputs(); }
    old::ITensor* getOutput(int32_t index) const noexcept override { return output(index); }
    void setInput(int32_t index, old::ITensor& tensor) noexcept override { connect(index, Tensor::of(tensor)); }
    void setPrecision(old::DataType type) noexcept override { main_.setPrecision(toNew(type)); }
    old::DataType getPrecision() const noexcept override { return toOld<old::DataType>(main_.getPrecision()); }
    bool precisionIsSet() const noexcept override { return main_.precisionIsSet(); }
    void resetPrecision() noexcept override { main_.resetPrecision(); }
    void setOutputType(int32_t index, old::DataType type) noexcept override { main_.setOutputType(index, toNew(type)); }
    old::DataType getOutputType(int32_t index) const noexcept override {
        return toOld<old::DataType>(main_.getOutputType(index));
    }
    bool outputTypeIsSet(int32_t index) const noexcept override { return main_.outputTypeIsSet(index); }
    void resetOutputType(int32_t index) noexcept override { main_.resetOutputType(index); }
#if LATHE_TRT >= 8
    void setMetadata(char const* metadata) noexcept override { main_.setMetadata(metadata); }
    char const* getMetadata() const noexcept override { return main_.getMetadata(); }
#endif

  private:
    New& real_;
};

// A setter and a getter that hand on to the library's, with the types converted.
#define LATHE_SET(Type, Name) \
    void set##Name(Type v) noexcept override { in().set##Name(toNew(v)); }
#define LATHE_GET(Type, Name) \
    Type get##Name() const noexcept override { return toOld<Type>(in().get##Name()); }
#define LATHE_PROPERTY(Type, Name) LATHE_SET(Type, Name) LATHE_GET(Type, Name)
// The same under another name of the library's.
#define LATHE_PROPERTY_AS(Type, Name, NewName)                                \
    void set##Name(Type v) noexcept override { in().set##NewName(toNew(v)); } \
    Type get##Name() const noexcept override { return toOld<Type>(in().get##NewName()); }
// Axes: a number, and a set of bits.
#define LATHE_AXIS(Name)                                                          \
    void set##Name(int32_t v) noexcept override { in().set##Name(v + offset()); } \
    int32_t get##Name() const noexcept override { return in().get##Name() - offset(); }
#define LATHE_AXES(Name)                                                            \
    void set##Name(uint32_t v) noexcept override { in().set##Name(v << offset()); } \
    uint32_t get##Name() const noexcept override { return in().get##Name() >> offset(); }

// The layer of the older API that stands for one of the library's, whichever it is.
std::unique_ptr<Layer> wrapLayer(Network& network, v10::ILayer& layer);

}  // namespace lathe::compat
